"""Write the traffic of the examples: two days of requests per minute, a daily swing, an evening peak, noise.

Synthetic, and the same each time: ``python examples/make_traffic.py`` rewrites the files in place.
"""

import csv
import math
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

HERE = Path(__file__).parent
START = datetime(2026, 11, 2, tzinfo=UTC)


def rate_per_s(hour: float, low: float, high: float) -> float:
    """A day: quiet at four in the morning, a hump at noon, the peak at half past eight in the evening."""
    noon = math.exp(-(((hour - 12.5) / 3.5) ** 2))
    evening = math.exp(-(((hour - 20.5) / 1.6) ** 2)) + math.exp(-(((hour - 44.5) / 1.6) ** 2))
    return low + (high - low) * min(1.0, 0.55 * noon + evening)


def write(file: Path, low: float, high: float, seed: int) -> None:
    """One file of 2 880 minutes."""
    draw = random.Random(seed)
    with file.open("w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["timestamp", "count"])
        for minute in range(2 * 1440):
            hour = (minute / 60.0) % 24.0
            mean = 60.0 * rate_per_s(hour, low, high)
            # Humans come in waves: a little more than Poisson noise.
            count = max(0, round(draw.gauss(mean, math.sqrt(mean) + 0.015 * mean)))
            writer.writerow([(START + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ"), count])


if __name__ == "__main__":
    write(HERE / "web-shop" / "traffic.csv", 22.0, 200.0, seed=1)
    write(HERE / "orders-api" / "traffic.csv", 30.0, 260.0, seed=2)
    write(HERE / "eks-shop" / "traffic.csv", 60.0, 520.0, seed=3)
