/* The reference job of engine.py written for itself alone, in C: how fast one request after another can be.
 *
 * A global binary heap of events, xoshiro256++ (Blackman and Vigna, 2019) and Ziggurat draws (Marsaglia and Tsang, 2000),
 * all state in arrays, least outstanding by a scan, response times in a histogram of 2^7 buckets an octave.
 * Nothing of it is general: no features, no windows, no accounts of components.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { GATEWAY, BALANCER, WEB, SERVERS = 20, CACHE = WEB + SERVERS, DATABASE, STATIONS };
enum { BITS = 7, OCTAVES = 32, BUCKETS = OCTAVES << BITS, LAYERS = 256 };
enum { ARRIVAL = -1 };

typedef struct { double at; int32_t station, request; } Event;

static uint64_t seed_state[4];
static Event *heap;
static int pending, heap_room;
static double *begun;
static int32_t *following, *unused;
static int unused_count, room;
static int32_t head[STATIONS], tail[STATIONS], busy[STATIONS], outstanding[SERVERS];
static double layer_x[2][LAYERS + 1], layer_y[2][LAYERS + 1];

static inline uint64_t rotated(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

static inline uint64_t bits64(void) {
    uint64_t *s = seed_state, result = rotated(s[0] + s[3], 23) + s[0], t = s[1] << 17;
    s[2] ^= s[0]; s[3] ^= s[1]; s[1] ^= s[2]; s[0] ^= s[3]; s[2] ^= t; s[3] = rotated(s[3], 45);
    return result;
}

static inline double uniform(void) { return (double)((bits64() >> 11) + 1) * 0x1p-53; }

static void seeded(uint64_t seed) {
    for (int k = 0; k < 4; k++) {
        uint64_t z = seed += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        seed_state[k] = z ^ (z >> 31);
    }
}

static double density(int normal, double x) { return normal ? exp(-0.5 * x * x) : exp(-x); }

/* 256 layers of equal area; where the tail begins and the area are Marsaglia and Tsang's. */
static void layers(int normal) {
    double *x = layer_x[normal], *y = layer_y[normal];
    double area = normal ? 0.00492867323399 : 0.0039496598225815571993;
    x[1] = normal ? 3.6541528853610088 : 7.69711747013104972;
    y[0] = 0.0;
    y[1] = density(normal, x[1]);
    x[0] = area / y[1];
    for (int k = 2; k < LAYERS; k++) {
        y[k] = y[k - 1] + area / x[k - 1];
        x[k] = normal ? sqrt(-2.0 * log(y[k])) : -log(y[k]);
    }
    x[LAYERS] = 0.0;
    y[LAYERS] = 1.0;
}

static double exponential(double mean) {
    const double *x = layer_x[0], *y = layer_y[0];
    double shift = 0.0;
    for (;;) {
        uint64_t raw = bits64();
        int k = raw & (LAYERS - 1);
        double z = (double)(raw >> 11) * 0x1p-53 * x[k];
        if (z < x[k + 1]) return mean * (shift + z);
        if (k == 0) { shift += x[1]; continue; }
        if (y[k] + uniform() * (y[k + 1] - y[k]) < exp(-z)) return mean * (shift + z);
    }
}

static double normal(void) {
    const double *x = layer_x[1], *y = layer_y[1];
    for (;;) {
        uint64_t raw = bits64();
        int k = raw & (LAYERS - 1);
        double sign = raw & LAYERS ? -1.0 : 1.0, z = (double)(raw >> 11) * 0x1p-53 * x[k];
        if (z < x[k + 1]) return sign * z;
        if (k == 0) {
            double a, b;
            do { a = -log(uniform()) / x[1]; b = -log(uniform()); } while (2.0 * b < a * a);
            return sign * (x[1] + a);
        }
        if (y[k] + uniform() * (y[k + 1] - y[k]) < exp(-0.5 * z * z)) return sign * z;
    }
}

static void push(double at, int station, int request) {
    if (pending == heap_room) heap = realloc(heap, (size_t)(heap_room *= 2) * sizeof *heap);
    int k = pending++;
    while (k > 0 && heap[(k - 1) / 2].at > at) { heap[k] = heap[(k - 1) / 2]; k = (k - 1) / 2; }
    heap[k] = (Event){at, station, request};
}

static Event pop(void) {
    Event first = heap[0], last = heap[--pending];
    int k = 0, child;
    while ((child = 2 * k + 1) < pending) {
        if (child + 1 < pending && heap[child + 1].at < heap[child].at) child++;
        if (heap[child].at >= last.at) break;
        heap[k] = heap[child];
        k = child;
    }
    heap[k] = last;
    return first;
}

static double service(int station) {
    static double web_mu, web_sigma, database_mu, database_sigma;
    if (web_sigma == 0.0) {
        web_sigma = sqrt(log(2.0)); web_mu = log(0.056) - 0.5 * log(2.0);
        database_sigma = sqrt(log(3.25)); database_mu = log(0.224) - 0.5 * log(3.25);
    }
    if (station == GATEWAY) return exponential(0.002);
    if (station == BALANCER || station == CACHE) return exponential(0.001);
    if (station == DATABASE) return exp(database_mu + database_sigma * normal());
    return exp(web_mu + web_sigma * normal());
}

static int servers(int station) {
    return station == GATEWAY || (station >= WEB && station < CACHE) ? 4 : station == DATABASE ? 64 : 2;
}

static void enter(int station, int request, double now) {
    if (busy[station] < servers(station)) { busy[station]++; push(now + service(station), station, request); return; }
    following[request] = -1;
    if (head[station] < 0) head[station] = request; else following[tail[station]] = request;
    tail[station] = request;
}

static int least(void) {
    static int cursor;
    int best = cursor = (cursor + 1) % SERVERS;
    for (int k = 1; k < SERVERS && outstanding[best]; k++) {
        int other = cursor + k < SERVERS ? cursor + k : cursor + k - SERVERS;
        if (outstanding[other] < outstanding[best]) best = other;
    }
    return best;
}

static int new_request(void) {
    if (!unused_count) {
        begun = realloc(begun, (size_t)room * 2 * sizeof *begun);
        following = realloc(following, (size_t)room * 2 * sizeof *following);
        unused = realloc(unused, (size_t)room * 2 * sizeof *unused);
        for (int k = 0; k < room; k++) unused[unused_count++] = room + k;
        room *= 2;
    }
    return unused[--unused_count];
}

/* Simulate until that many requests have arrived; the histogram has BUCKETS cells. Returns the requests answered. */
int64_t simulate(int64_t requests, double rate, uint64_t seed, int64_t *histogram, double *total) {
    int64_t arrived = 0, done = 0;
    seeded(seed);
    layers(0); layers(1);
    heap = malloc((size_t)(heap_room = 1024) * sizeof *heap);
    room = 1024; pending = unused_count = 0;
    begun = malloc((size_t)room * sizeof *begun);
    following = malloc((size_t)room * sizeof *following);
    unused = malloc((size_t)room * sizeof *unused);
    for (int k = 0; k < room; k++) unused[unused_count++] = k;
    memset(head, -1, sizeof head); memset(busy, 0, sizeof busy); memset(outstanding, 0, sizeof outstanding);
    *total = 0.0;
    push(exponential(1.0 / rate), ARRIVAL, 0);
    while (arrived < requests) {
        Event event = pop();
        double now = event.at;
        int station = event.station, request = event.request, next = -1;
        if (station == ARRIVAL) {
            arrived++;
            request = new_request();
            begun[request] = now;
            push(now + exponential(1.0 / rate), ARRIVAL, 0);
            enter(GATEWAY, request, now);
            continue;
        }
        if (head[station] < 0) busy[station]--;
        else {
            int waiting = head[station];
            head[station] = following[waiting];
            push(now + service(station), station, waiting);
        }
        if (station == GATEWAY) next = BALANCER;
        else if (station == BALANCER) { int k = least(); outstanding[k]++; next = WEB + k; }
        else if (station < CACHE) { outstanding[station - WEB]--; next = CACHE; }
        else if (station == CACHE && uniform() >= 0.8) next = DATABASE;
        if (next >= 0) { enter(next, request, now); continue; }
        double took = now - begun[request];
        uint64_t raw;
        memcpy(&raw, &took, sizeof raw);
        int64_t bucket = (int64_t)(raw >> (52 - BITS)) - ((int64_t)(1023 - 20) << BITS);
        histogram[bucket < 0 ? 0 : bucket >= BUCKETS ? BUCKETS - 1 : bucket]++;
        *total += took;
        done++;
        unused[unused_count++] = request;
    }
    free(heap); free(begun); free(following); free(unused);
    return done;
}
