"""Diffs applied: what git applies is applied alike, and nothing where a line is not as it says."""

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonnage.iac.apply_patch import applied, summary
from tonnage.iac.write_cloudformation import unified_diff
from tonnage.workload import TemplateError

BEFORE = "".join(f"line {number}\n" for number in range(40))


def test_a_diff_is_applied() -> None:
    after = BEFORE.replace("line 7\n", "seven\nand more\n").replace("line 33\n", "")
    diff = unified_diff(BEFORE, after, "t.yaml")
    assert applied(diff, "p.diff", {"t.yaml": BEFORE}.get) == {"t.yaml": after}
    assert list(summary({"t.yaml": BEFORE}, {"t.yaml": after})) == ["t.yaml: changed"]


_LINES = st.lists(st.sampled_from(["a", "b", "", " - x", "+", "\\"]), max_size=12)


@settings(max_examples=300)
@given(
    before=_LINES, after=_LINES, ends=st.tuples(st.booleans(), st.booleans()), newline=st.sampled_from(["\n", "\r\n"])
)
def test_every_diff_leads_from_one_text_to_the_other(
    before: list[str], after: list[str], ends: tuple[bool, bool], newline: str
) -> None:
    old, new = (
        newline.join(lines) + (newline if lines and end else "")
        for lines, end in zip((before, after), ends, strict=True)
    )
    diff = unified_diff(old, new, "t")
    if diff:
        assert applied(diff, "p", {"t": old or None}.get) == {"t": new}


def test_what_it_makes_git_makes(tmp_path: Path) -> None:
    after = BEFORE.replace("line 0\n", "zero\n").replace("line 39\n", "end")
    diff = unified_diff(BEFORE, after, "t.yaml") + unified_diff("", "new\n", "n.tf")
    (tmp_path / "t.yaml").write_text(BEFORE)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "apply"], cwd=tmp_path, check=True, input=diff.encode())
    made = applied(diff, "p", {"t.yaml": BEFORE}.get)
    assert made == {name: (tmp_path / name).read_text() for name in ("t.yaml", "n.tf")}
    assert list(summary({"t.yaml": BEFORE, "n.tf": None}, made)) == ["t.yaml: changed, 1 line fewer", "n.tf: new"]


DIFF = unified_diff(BEFORE, BEFORE.replace("line 7\n", "seven\n"), "t.yaml")


@pytest.mark.parametrize(
    ("diff", "text", "says"),
    [
        (
            DIFF,
            BEFORE.replace("line 6", "six"),
            r"t\.yaml is not as the patch says from line 5 on.*review again",
        ),
        (DIFF, BEFORE.replace("line 7\n", "seven\n"), "applied before"),
        (DIFF, None, r"There is no file t\.yaml"),
        (DIFF.replace("b/t.yaml", "b/../t.yaml"), BEFORE, "outside of the folder"),
        (DIFF.replace("b/t.yaml", "/etc/passwd"), BEFORE, "outside of the folder"),
        (DIFF.replace("+++ b/t.yaml", "+++ /dev/null"), BEFORE, "deletes t.yaml"),
        (DIFF[: DIFF.rindex(" line 9")], BEFORE, "ends before its lines do"),
        (DIFF.replace("@@ -5,7 +5,7 @@", "@@ 5 @@"), BEFORE, "breaks here"),
        ("nothing", BEFORE, "p.diff changes nothing"),
    ],
)
def test_what_does_not_fit_is_refused(diff: str, text: str | None, says: str) -> None:
    with pytest.raises(TemplateError) as refused:
        applied(diff, "p.diff", {"t.yaml": text}.get)
    assert re.search(says, str(refused.value)), str(refused.value)
