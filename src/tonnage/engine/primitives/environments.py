"""Environments: execution environments that are made on demand, kept for a while, and made at a limited rate.

The law of AWS Lambda: one request per environment; a request takes a provisioned environment if one is free, else the
environment that was idle for the shortest time, else a new one (a cold start) if the limit on concurrency and the
scaling rate allow, else it is throttled. An environment idle for longer than ``keep_alive_s`` is gone.

Functions of one account share its concurrency: what is reserved for one is taken out for it alone, what is provisioned
elsewhere is claimed whether it is used or not, and what is left serves the on-demand environments of all others.
Sources: AWS Lambda developer guide, "Understanding Lambda function scaling", "Lambda scaling behavior" and "Monitoring
concurrency" (claimed account concurrency).

Closed forms held in ``tests/validation``: M/G/∞ occupancy far from the limit; Erlang B at the limit when cold starts
take no time; the share of cold starts of one rare caller is ``exp(-rate * keep_alive)``.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from tonnage.engine.primitives.distribution import Distribution


@dataclass(frozen=True, slots=True, kw_only=True)
class Environments:
    """Execution environments of one function.

    Attributes:
        limit: Most requests in progress at once.
        cold_start: Time to make a new environment before it can serve.
        keep_alive_s: An environment idle for longer is gone.
        provisioned: Environments that are always there.
        scale_per_s: New environments allowed per second.
        scale_burst: New environments allowed at once.
        refusal: What a throttled request is told.
        account: Concurrency of the account it stands in; None for an account of its own.
        reserved: Whether ``limit`` is taken out of the account for it alone; if not, it shares what is left.
    """

    limit: int
    cold_start: Distribution
    keep_alive_s: float
    provisioned: int = 0
    scale_per_s: float = 100.0
    scale_burst: float = 1000.0
    refusal: str = "throttled (429)"
    account: int | None = None
    reserved: bool = False

    @property
    def shares(self) -> bool:
        """Whether it shares the concurrency of its account with others."""
        return self.account is not None and not self.reserved


def unreserved(environments: Iterable[Environments]) -> int:
    """Concurrency that an account leaves to those that share it: its own less what is reserved."""
    standing = [each for each in environments if each.account is not None]
    account = max((each.account for each in standing if each.account is not None), default=0)
    return max(0, account - sum(each.limit for each in standing if each.reserved))
