"""What holds for all tests.

Machines are noisy, so no test has a deadline; in CI the same examples come each time; the catalogue is the package's
own.
"""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "any machine", deadline=None, derandomize=bool(os.environ.get("CI")), suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")
os.environ["TONNAGE_CATALOG"] = "/no catalogue of a user"
