"""Budget: retries are paid from a purse that answered calls fill; an empty purse means no retry.

The retry quota of the AWS SDKs' standard retry mode: a purse of 500, a retry costs 5 (10 after a time-out), a call
answered at the first try gives 1 back, one answered after a retry gives back what that retry cost. Source: AWS SDKs and
Tools Reference Guide, "Retry behavior".

Held exactly in ``tests``: with every call failing, exactly ``capacity / cost`` retries are made, then none.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A retry budget that all callers of a call share.

    Attributes:
        capacity: Most that the purse holds; it starts full.
        cost: What a retry after a failure costs.
        timeout_cost: What a retry after a time-out costs.
        refund: What a call that is answered at the first try gives back.
        rate_per_s: What comes in by itself.
    """

    capacity: float = 500.0
    cost: float = 5.0
    timeout_cost: float = 10.0
    refund: float = 1.0
    rate_per_s: float = 0.0
