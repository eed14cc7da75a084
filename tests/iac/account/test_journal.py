"""What was done is kept before and after each call, and undone from there."""

import pytest

from tonnage.iac.account.actions import Call, Step
from tonnage.iac.account.journal import begun, carry_out, from_text, revert
from tonnage.workload import TemplateError


def step(name: str) -> Step:
    call, undo = (
        Call(service="ecs", operation="update_service", arguments={"service": name, "desiredCount": count})
        for count in (4, 2)
    )
    return Step(resource=name, says="DesiredCount 2 → 4", call=call, undo=undo)


def test_a_failing_step_stops_and_what_was_done_is_undone() -> None:
    kept: list[str] = []
    sent: list[tuple[str, int]] = []

    def send(call: Call) -> None:
        if call.arguments["service"] == "c":
            raise TemplateError("no")
        states = from_text(kept[-1], "j", kept.append).entries
        assert [each.state for each in states].count("started") <= 1
        sent.append((call.arguments["service"], call.arguments["desiredCount"]))

    journal = begun("eu-west-1", [step(name) for name in "abcd"], kept.append)
    with pytest.raises(TemplateError, match="no"):
        list(carry_out(journal, send))
    again = from_text(kept[-1], "j", kept.append)
    assert [each.state for each in again.entries] == ["done", "done", "failed", "planned"]
    assert again.entries[2].error == "no."
    assert again.region == "eu-west-1"
    assert [each.step.resource for each in revert(again, send)] == ["b", "a"]
    assert sent == [("a", 4), ("b", 4), ("b", 2), ("a", 2)]
    assert [each.state for each in from_text(kept[-1], "j", kept.append).entries] == [
        "undone", "undone", "failed", "planned",
    ]  # fmt: skip


def test_a_call_whose_answer_never_came_is_undone_too() -> None:
    kept: list[str] = []

    def dies(_: Call) -> None:
        raise KeyboardInterrupt

    journal = begun("r", [step("a")], kept.append)
    with pytest.raises(KeyboardInterrupt):
        list(carry_out(journal, dies))
    sent: list[Call] = []
    list(revert(from_text(kept[-1], "j", kept.append), sent.append))
    assert [each.arguments["desiredCount"] for each in sent] == [2]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not a journal"),
        ("[]", "not a journal"),
        ('{"schema": "tonnage.apply/9"}', "another version"),
        ('{"schema": "tonnage.apply/1", "region": "r", "steps": [{"state": "odd"}]}', "not a journal"),
    ],
)
def test_what_is_no_journal_is_refused(text: str, says: str) -> None:
    with pytest.raises(TemplateError, match=says):
        from_text(text, "j.json", print)
