"""The review in a terminal: the verdict first, then why, then what to change. Needs no colour to be understood."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from tonnage.advise.recommend import Recommendation
from tonnage.advise.review import Review
from tonnage.advise.verdict import Judgement
from tonnage.report import figures, sentences
from tonnage.workload import Objective

WIDEST = 100
MOST_ASSUMPTIONS = 3
MOST_LEFT_OUT = 6
MOST_FINDINGS = 6
_PLAIN = {"✓": "ok", "✗": "MISSED", "→": "->", "×": "x", "–": "-", "−": "-", "±": "+/-", "·": "|", "…": "...", "µ": "u"}
_STYLES = {"✓": "green", "✗": "bold red"}
_DIFF_STYLES = (("+++", "bold"), ("---", "bold"), ("@@", "cyan"), ("+", "green"), ("-", "red"))


def print_review(review: Review, console: Console, *, diffs: bool = False) -> None:
    """Print a review.

    Args:
        review: What to show.
        console: Where; at most 100 of its columns are used, patches excepted.
        diffs: Whether to print the patches of the recommendations too.
    """
    out = _Page(console=console, width=max(40, min(console.width, WIDEST)))
    _head(review, out)
    _objectives(review, out)
    _load_line(review, out)
    _recommendations(review, out)
    if diffs:
        _diffs(review, out)
    _findings(review, out)
    _assumptions(review, out)
    _left_out(review, out)
    _notes(review, out)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """Where lines go.

    Attributes:
        console: The console.
        width: Columns for prose and tables.
    """

    console: Console
    width: int

    def line(self, text: Text | str = "") -> None:
        """One line as it is: never wrapped, cut or read as markup."""
        whole = Text(text) if isinstance(text, str) else text
        plain = _speakable(whole.plain, self.console.encoding)
        if plain != whole.plain:
            whole = Text(plain, style=whole.style)
        whole.rstrip()
        self.console.print(whole, soft_wrap=True, markup=False, highlight=False)

    def prose(self, text: str, *, indent: int = 2, hang: int = 0, style: str = "") -> None:
        """A paragraph, wrapped; ``hang`` is how much further its second line is indented."""
        width = max(20, self.width - indent)
        for line in textwrap.wrap(text, width, subsequent_indent=" " * hang, break_on_hyphens=False) or [""]:
            self.line(Text(" " * indent + line, style=style))

    def table(self, rows: Sequence[Sequence[Text]], widths: Sequence[int], *, indent: int = 2) -> None:
        """Rows of one-line cells, each column as wide as given; the last one is not filled up."""
        for row in rows:
            whole = Text(" " * indent)
            for cell, width in zip(row, widths, strict=True):
                whole.append_text(cell)
                whole.append(" " * max(0, width - cell_len(cell.plain)))
            self.line(whole)


def _speakable(text: str, encoding: str) -> str:
    """Text that an output can carry: no-break spaces become spaces, signs that it cannot encode become words."""
    text = text.replace(figures.SPACE, " ")
    if encoding.lower().replace("-", "").startswith("utf"):
        return text
    for sign, word in _PLAIN.items():
        text = text.replace(sign, word)
    return text.encode(encoding, errors="replace").decode(encoding)


def _head(review: Review, out: _Page) -> None:
    matters, rest = sentences.left_out(review)
    missing = len(matters) + len(rest)
    text = f"{review.workload.name} · {review.workload.region} · {len(review.workload.components)} components modelled"
    if missing:
        text += f", {missing} resources not"
        text += f" ({len(matters)} of them matter)" if len(matters) > 1 else " (one of them matters)" if matters else ""
    out.prose(text, indent=0, style="bold")
    out.line()


def _widths(rows: Sequence[Sequence[Text]], gap: int) -> list[int]:
    return [max(cell_len(cell.plain) for cell in column) + gap for column in zip(*rows, strict=True)]


def _cell(judgement: Judgement) -> Text:
    mark = "✓" if judgement.met else "✗"
    cell = Text(f"{figures.indicated(judgement.objective, judgement.value)} ")
    cell.append(mark, style=_STYLES[mark])
    if doubt := sentences.doubt(judgement):
        cell.append(f" {doubt}", style="yellow")
    return cell


def _objectives(review: Review, out: _Page) -> None:
    head = [Text("Objectives", style="bold"), Text(), *(Text(sentences.load_title(load)) for load in review.loads)]
    rows = [head]
    for k, objective in enumerate(review.workload.objectives):
        cells = [_cell(load.judgements[k]) for load in review.loads]
        rows.append([Text(sentences.objective_name(objective)), Text(figures.threshold(objective)), *cells])
    widths = _widths(rows, 3)
    if sum(widths) + 2 <= out.width + 3:
        out.table(rows, widths)
    else:
        _objectives_narrow(rows, out)
    for load in review.loads:
        for note in load.notes:
            out.prose(f"{sentences.load_title(load)}: {note}.", indent=2, hang=2, style="dim")
    out.line()


def _objectives_narrow(rows: Sequence[Sequence[Text]], out: _Page) -> None:
    """An objective a line, its loads below it: for narrow terminals and many loads."""
    head, *others = rows
    out.line(Text("  ").append_text(head[0]))
    for name, asked, *cells in others:
        out.prose(f"{name.plain} {asked.plain}")
        for title, cell in zip(head[2:], cells, strict=True):
            out.line(Text(f"    {title.plain}: ").append_text(cell))


def _load_line(review: Review, out: _Page) -> None:
    words = sentences.load_line_words(review)
    text = f"Load line: {words.carries}."
    if review.load_line.never:
        text = f"Load line: none. Even {figures.rate((review.load_line.above or 0.0) * _today(review))} misses"
        text += f" {words.misses or 'an objective'}."
    elif review.load_line.at_least:
        text += " Nothing gave way up to there."
    elif words.misses:
        text += f" Above it {words.misses} {'are' if ' and ' in words.misses else 'is'} missed."
    if words.gives_way:
        text += f" Gives way first: {words.gives_way}."
    out.prose(text, hang=2)
    for then in words.then:
        out.prose(f"then {then}.", indent=4, hang=2)
    out.line()


def _today(review: Review) -> float:
    return review.workload.traffic.peak_per_s


def _recommendations(review: Review, out: _Page) -> None:
    if not review.recommendations:
        if review.advised:
            everything = all(load.met for load in review.loads)
            why = "nothing has to: every objective holds" if everything else "no change that was tried helps enough"
            out.prose(f"What to change: {why}.")
            out.line()
        return
    best = review.recommendations[0]
    objective = sentences.shown_objective(review.workload.objectives, best.before.judgements)
    at = sentences.load_name(sentences.tried_at(review, best))
    shown = f"{sentences.objective_name(objective).replace(' latency', '')} at {at}" if objective else ""
    head = ["", "load line", shown, "cost/month"]
    figures_of = [_effect(item, objective) for item in review.recommendations]
    tail = _widths([[Text(text) for text in head[1:]], *figures_of], 3)
    room = out.width - 5 - sum(tail)
    side_by_side = room >= 28
    titles = [_title(item, room if side_by_side else out.width - 5) for item in review.recommendations]
    first = max(len("What to change"), *(cell_len(line) for lines in titles for line in lines)) if side_by_side else 16
    widths = [3, first + 3, *tail]
    heading = [Text("What to change", style="bold"), *(Text(text) for text in head[1:])]
    out.table([heading], [widths[0] + widths[1], *tail])
    for k, (lines, effect) in enumerate(zip(titles, figures_of, strict=True), start=1):
        if not side_by_side:
            for n, line in enumerate(lines):
                out.line(f"  {k if n == 0 else ' '}  {line}")
            lines = [""]
        for n, line in enumerate(lines):
            number = Text(str(k) if n == 0 and side_by_side else "")
            row = [number, Text(line), *(effect if n == 0 else [Text()] * len(effect))]
            out.table([row], widths)
    for numbers, note in sentences.grouped_notes(review):
        out.prose(f"{numbers}: {sentences.spaced(note)}", indent=5, hang=len(numbers) + 2, style="dim")
    now = f"Now: {figures.usd(best.before.usd)}/month at {at}."
    if any(item.diff for item in review.recommendations):
        now += " Patches: --diff shows them, --patch FILE writes the first."
    out.prose(now, indent=5, style="dim")
    out.line()


def _title(item: Recommendation, width: int) -> list[str]:
    lines: list[str] = []
    for line in sentences.change_lines(item):
        lines += textwrap.wrap(line, max(20, width), subsequent_indent="  ", break_on_hyphens=False)
    return lines


def _effect(item: Recommendation, objective: Objective | None) -> list[Text]:
    line = item.effect.load_line
    carried = Text("–")
    if line is not None:
        carried = Text("none" if line.never else f"{'≥ ' if line.at_least else ''}{figures.rate(line.rate_per_s)}")
    judgement = sentences.judgement_of(item.effect, objective) if objective else None
    mark = "✓" if item.effect.missed == 0 else "✗"
    seen = Text(f"{figures.indicated(judgement.objective, judgement.value)} " if judgement else "")
    seen.append(mark, style=_STYLES[mark])
    return [carried, seen, Text(figures.signed_usd(item.effect.usd - item.before.usd))]


def _diffs(review: Review, out: _Page) -> None:
    for k, item in enumerate(review.recommendations, start=1):
        if not item.diff:
            continue
        out.prose(f"Patch {k}: {'; '.join(sentences.change_lines(item))}", hang=2, style="bold")
        for line in item.diff.splitlines():
            style = next((style for begin, style in _DIFF_STYLES if line.startswith(begin)), "")
            out.console.print(Text(_speakable(line, out.console.encoding), style=style), soft_wrap=True)
        out.line()


def _findings(review: Review, out: _Page) -> None:
    if not review.findings:
        return
    counted = sentences.counted_findings(review)
    out.prose(f"Findings ({counted}):" if len(review.findings) > 1 else "One finding:")
    for finding in review.findings[:MOST_FINDINGS]:
        out.prose(f"{finding.severity}: {sentences.spaced(finding.text)}", indent=4, hang=2)
    if len(review.findings) > MOST_FINDINGS:
        out.prose(f"and {len(review.findings) - MOST_FINDINGS} more (--html and --format json list all)", indent=4)
    out.line()


def _assumptions(review: Review, out: _Page) -> None:
    carrying = sentences.carrying(review)
    others = [item for item in review.influences if item.score > sentences.MATTERS and item not in carrying]
    shown = [*carrying, *others[: max(0, MOST_ASSUMPTIONS - len(carrying))]]
    if not shown:
        return
    if carrying:
        number = "One assumption carries" if len(carrying) == 1 else f"{len(carrying)} assumptions carry"
        out.prose(f"{number} this answer; measure first:")
    else:
        out.prose("No assumption that was tested turns a load that holds into a miss; the most influential:")
    for item in shown:
        ends = sentences.ends_text(item)
        out.prose(sentences.assumed_text(item) + (f": {ends}" if ends else ""), indent=4, hang=2)
        if item in carrying:
            out.prose(item.assumption.meaning, indent=6, style="dim")
    out.line()


def _left_out(review: Review, out: _Page) -> None:
    matters, rest = sentences.left_out(review)
    if matters:
        out.prose("Not modelled, though requests probably pass through:")
        for item in matters[:MOST_LEFT_OUT]:
            where = f", {item.place}" if item.place else ""
            out.prose(f"{item.name} ({item.kind}{where}): {item.reason}", indent=4, hang=2)
        if len(matters) > MOST_LEFT_OUT:
            out.prose(f"and {len(matters) - MOST_LEFT_OUT} more that matter (--html lists all)", indent=4)
    if rest:
        many = len(rest) > 1
        also = "other " if matters else ""
        out.prose(
            f"{len(rest)} {also}resources that carry no requests are not modelled."
            if many
            else f"One {also}resource that carries no requests is not modelled."
        )
    if matters or rest:
        out.line()


def _notes(review: Review, out: _Page) -> None:
    for note in sentences.notes(review):
        out.prose(f"– {sentences.spaced(note)}", hang=2)
    if sentences.cost_notes(review):
        out.prose("– Cost: list prices; what they leave out stands in the HTML and JSON reports.", hang=2)
    out.prose(f"– {sentences.simulated(review)}.", hang=2)
