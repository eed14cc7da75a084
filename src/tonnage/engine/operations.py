"""Operation codes of route programs: what ``flatten`` writes and the kernel interprets."""

from enum import IntEnum


class Operation(IntEnum):
    """One instruction of a route program; columns of an instruction are a, b, c, d and three numbers."""

    END = 0
    """The task is done."""
    WAIT = 1
    """Let time pass: c table, number 0 mean time (s)."""
    CHOOSE = 2
    """Pick an instance: a fleet, b register."""
    WORK = 3
    """Work: a fleet, b register of the instance or -1, c table, number 0 mean work (s)."""
    LEAVE = 4
    """No longer outstanding: a fleet, b register."""
    HOLD = 5
    """Take a token: a pool, b register of the instance or -1, c first slot of the fleet."""
    RELEASE = 6
    """Give the token back: as HOLD."""
    TAKE = 7
    """Take tokens: a bucket, number 0 amount."""
    LOOKUP = 8
    """Look up: a cache, b register of the key, c where to go on after a hit."""
    FILL = 9
    """Store the key: a cache, b register."""
    LEASE = 10
    """Take an environment: a environments."""
    RETURN = 11
    """Give the environment back: a environments."""
    BRANCH = 12
    """Go on with probability number 0, else at c."""
    CALL = 13
    """Run what follows, up to END, as a child, and go on at a: b cause of a time-out, c attempts, d jitter; numbers:
    time-out, back-off base and cap (s)."""
    BEGIN = 14
    """Enter component a."""
    FINISH = 15
    """Leave component a."""
    SET = 16
    """Register b becomes a."""
    LOOP = 17
    """Count register b down; go on at c while it is above 0."""
