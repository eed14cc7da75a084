"""The face of controllers."""

from tonnage.scaling._controller import Moment


def test_a_time_is_due_whatever_is_lost_in_changing_clocks() -> None:
    unix_s = 1_700_000_000.0 + 0.1 + 0.2
    moment = Moment(time_s=0.3, unix_s=1_700_000_000.3, passed_s=0.1, full_minute=False)
    assert moment.is_due(unix_s)
    assert moment.is_due(unix_s - 60.0)
    assert not moment.is_due(unix_s + 1.0)
