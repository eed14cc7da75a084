"""Operation codes of route programs: what ``flatten`` writes and the kernel interprets."""

from enum import IntEnum


class Operation(IntEnum):
    """One instruction of a route program, with its columns a, b, c and the number x."""

    END = 0
    """The task is done."""
    WAIT = 1
    """Let time pass: c table, x mean time (s)."""
    CHOOSE = 2
    """Pick an instance: a fleet, b register."""
    WORK = 3
    """Work: a fleet, b register of the instance or -1, c table, x mean work (s)."""
    LEAVE = 4
    """No longer outstanding: a fleet, b register."""
    HOLD = 5
    """Take a token: a pool, b register of the instance or -1, c first slot of the fleet."""
    RELEASE = 6
    """Give the token back: as HOLD."""
    TAKE = 7
    """Take tokens: a bucket, x amount."""
    LOOKUP = 8
    """Look up: a cache, b register of the key, c where to go on after a hit."""
    FILL = 9
    """Store the key: a cache, b register."""
    LEASE = 10
    """Take an environment: a environments."""
    RETURN = 11
    """Give the environment back: a environments."""
    BRANCH = 12
    """Go on with probability x, else at c."""
    CALL = 13
    """Run what follows, up to END, as a child by the rule c, and go on at a."""
    BEGIN = 14
    """Enter component a."""
    FINISH = 15
    """Leave component a."""
    SET = 16
    """Register b becomes a, or the number of messages in the batch where a is -1."""
    LOOP = 17
    """Count register b down; go on at c while it is above 0."""
    FORK = 18
    """Run the c children that begin where the next c instructions say in a, and go on at a when all are done."""
    SPAWN = 19
    """Run what follows, up to END, as a child that nobody waits for, and go on at a."""
    SEND = 20
    """Put a message into one of the c shards from a on."""
