"""What the checks found, as lines for people and editors, and as JSON."""

import json
from collections.abc import Iterator, Sequence

from tonnage.iac.check import CheckedFile

_VERSION = 1


def check_lines(checked: Sequence[CheckedFile]) -> Iterator[str]:
    """A line for each finding, ``file:line: severity: what. remedy [check]``, and one for all of them."""
    for each in checked:
        if each.refused:
            yield f"{each.refused} (not checked)"
        for finding in each.findings:
            where = str(finding.place) if finding.place is not None else each.path
            what = f"{finding.component}: {finding.what}" if finding.component else finding.what
            yield f"{where}: {finding.severity}: {what}. {finding.remedy} [{finding.check}]"
    found = sum(len(each.findings) for each in checked)
    read = [each for each in checked if each.architecture is not None]
    resources = sum(len(each.architecture.stack.resources) for each in read if each.architecture is not None)
    silent = sum(answer.answer == "cannot determine" for each in read for answer in each.answers)
    yield (
        f"{found} finding{'' if found == 1 else 's'} in {resources} resources of {len(read)} "
        f"architecture{'' if len(read) == 1 else 's'}; {silent} checks could not be answered"
        + (f"; {len(checked) - len(read)} could not be read" if len(read) < len(checked) else "")
    )


def check_json(checked: Sequence[CheckedFile]) -> str:
    """The same as JSON, with what each check answered."""
    content = {
        "version": _VERSION,
        "architectures": [
            {
                "path": each.path,
                "refused": each.refused or None,
                "resources": 0 if each.architecture is None else len(each.architecture.stack.resources),
                "findings": [
                    {
                        "check": finding.check,
                        "severity": finding.severity,
                        "resource": finding.component or None,
                        "what": finding.what,
                        "remedy": finding.remedy,
                        "file": None if finding.place is None else finding.place.file,
                        "line": None if finding.place is None else finding.place.line,
                        "best_practice": finding.best_practice,
                        "source": finding.source,
                    }
                    for finding in each.findings
                ],
                "answers": {answer.check.id: answer.answer for answer in each.answers},
            }
            for each in checked
        ],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
