"""The architecture as a picture: how full each component is, what gives way first, how sure each line is."""

from collections.abc import Mapping
from dataclasses import dataclass

from tonnage.advise.review import Judged, Review
from tonnage.engine.outcome import ComponentOutcome
from tonnage.report import figures, sentences
from tonnage.report.html.architecture_layers import Layers, Link, is_passage, layers
from tonnage.report.html.glyphs import category, glyph
from tonnage.report.html.markup import Markup, element, number
from tonnage.services import room
from tonnage.workload import NotModelled

NODE_WIDTH, NODE_HEIGHT = 204.0, 94.0
GAP_X, GAP_Y, PASSAGE_HEIGHT = 58.0, 20.0, 16.0
CLIENTS_WIDTH, MARGIN, GHOST_HEIGHT = 96.0, 14.0, 46.0
LETTERS, SMALL_LETTERS = 19, 30
MOST_GHOSTS = 8
FULL = 0.9


@dataclass(frozen=True, slots=True)
class _Box:
    """Where an item stands: left, top, width, height."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.y + self.height / 2.0


def focus(review: Review) -> Judged:
    """The load that the picture shows: the first that misses an objective, else the largest."""
    return next((judged for judged in review.loads if not judged.met), review.loads[-1])


def architecture_picture(review: Review) -> Markup:
    """The picture with its legend."""
    judged = focus(review)
    arranged = layers(review.workload)
    boxes, width, height = _places(arranged)
    first = {pressure.component for pressure in review.load_line.gives_way[:1]}
    drawn: list[Markup] = []
    drawn += [_line(link, path, boxes) for link, path in arranged.paths]
    drawn += _clients(judged, arranged, boxes, height)
    for name in review.workload.components:
        if name in boxes:
            drawn.append(_node(review, name, judged.outcomes[0].components.get(name), boxes[name], name in first))
    below, total = _below(review, arranged, max(width, 520.0), height)
    width = max(width, 520.0)
    picture = element(
        "svg",
        element("title", f"{review.workload.name} at {sentences.load_title(judged)}"),
        drawn,
        below,
        viewBox=f"0 0 {number(width)} {number(total)}",
        role="img",
        class_="architecture",
        style=f"max-width:{number(width)}px",
    )
    caption = (
        f"At {sentences.load_title(judged)}. The fill is the busiest ten seconds of CPU, or the share of the "
        "concurrency in use. Hover for settings and evidence."
    )
    return element("figure", element("div", picture, class_="scroll"), element("figcaption", caption, _legend(review)))


def _legend(review: Review) -> Markup:
    certainties = dict.fromkeys(link.certainty for link, _ in layers(review.workload).paths)
    items = [
        element(
            "span",
            element("svg", element("path", d="M1 5H27", class_=f"wire {name}"), viewBox="0 0 28 10", class_="key"),
            f" {name}",
            class_="legend",
        )
        for name in ("stated", "inferred", "guessed")
        if name in certainties
    ]
    return element("div", "Lines: ", items) if items else Markup()


def _places(arranged: Layers) -> tuple[Mapping[str, _Box], float, float]:
    """A box for each item of the columns, the width and the height of all of them."""

    def tall(item: str) -> float:
        return PASSAGE_HEIGHT if is_passage(item) else NODE_HEIGHT

    heights = [sum(tall(item) for item in column) + GAP_Y * (len(column) - 1) for column in arranged.columns]
    height = max([*heights, NODE_HEIGHT]) + 2 * MARGIN
    boxes: dict[str, _Box] = {}
    for k, column in enumerate(arranged.columns):
        y = (height - heights[k]) / 2.0
        for item in column:
            boxes[item] = _Box(CLIENTS_WIDTH + k * (NODE_WIDTH + GAP_X), y, NODE_WIDTH, tall(item))
            y += tall(item) + GAP_Y
    width = CLIENTS_WIDTH + len(arranged.columns) * (NODE_WIDTH + GAP_X) - GAP_X + MARGIN
    return boxes, width, height


def _line(link: Link, path: tuple[str, ...], boxes: Mapping[str, _Box]) -> Markup:
    begin = boxes[path[0]]
    d = f"M{number(begin.x + begin.width)} {number(begin.middle)}"
    for item in path[1:]:
        before, box = begin, boxes[item]
        x0, x1 = before.x + before.width, box.x
        half = abs(x1 - x0) / 2.0
        d += f"C{number(x0 + half)} {number(before.middle)} {number(x1 - half)} {number(box.middle)}"
        d += f" {number(x1)} {number(box.middle)}"
        if is_passage(item):
            d += f"H{number(x1 + box.width)}"
        begin = box
    text = f"{link.caller} calls {link.callee} ({link.certainty}): {link.evidence}"
    return element("path", element("title", text), d=d, class_=f"wire {link.certainty}")


def _clients(judged: Judged, arranged: Layers, boxes: Mapping[str, _Box], height: float) -> list[Markup]:
    x, y = 30.0, height / 2.0
    drawn = [
        element(
            "path",
            d=f"M{x + 16:g} {number(y)}C{x + 44:g} {number(y)} {number(box.x - 26)} {number(box.middle)} "
            f"{number(box.x)} {number(box.middle)}",
            class_="wire stated",
        )
        for box in (boxes[name] for name in arranged.entries)
    ]
    rate, _, unit = figures.rate(judged.rate_per_s).rpartition(figures.SPACE)
    drawn += [
        glyph("clients", x - 12, y - 14),
        element("text", rate, x=x, y=y + 26, text_anchor="middle", class_="name"),
        element("text", unit, x=x, y=y + 40, text_anchor="middle", class_="small"),
    ]
    return drawn


def _node(review: Review, name: str, seen: ComponentOutcome | None, box: _Box, first: bool) -> Markup:
    component = review.workload.components[name]
    share = fill_share(seen)
    state = " first" if first else " full" if share is not None and share >= FULL else ""
    title = room(component.kind).TITLE
    hover = [f"{name}: {title}", component.kind, *([str(component.place)] if component.place else [])]
    hover += [f"{key}: {sentences.value_text(value)}" for key, value in component.settings.items()]
    hover += [f"{limit}: {figures.count(value)}" for limit, value in review.limits.get(name, {}).items()]
    hover += [f"{p.name}: {review.policies[p.name]}" for p in component.policies if p.name in review.policies]
    parts = [
        element("title", "\n".join(hover)),
        element("rect", x=box.x, y=box.y, width=box.width, height=box.height, rx=6.0, class_="body"),
        element("rect", x=box.x, y=box.y, width=box.width * (share or 0.0), height=box.height, rx=6.0, class_="fill"),
        element("rect", x=box.x, y=box.y, width=box.width, height=box.height, rx=6.0, class_="frame"),
        glyph(category(component.kind), box.x + 10, box.y + 10),
        element("text", shortened(name, LETTERS), x=box.x + 42, y=box.y + 20, class_="name"),
        element("text", shortened(title, 26), x=box.x + 42, y=box.y + 35, class_="small"),
        element(
            "text", shortened(review.summaries.get(name, ""), SMALL_LETTERS), x=box.x + 12, y=box.y + 54, class_="small"
        ),
    ]
    for k, text in enumerate(levels_text(seen, review.limits.get(name, {}))[:2]):
        parts.append(element("text", shortened(text, 32), x=box.x + 12, y=box.y + 71 + 15 * k, class_="level"))
    if first:
        parts.append(
            element("text", "gives way first", x=box.x + box.width, y=box.y - 5, text_anchor="end", class_="tag")
        )
    return element("g", parts, class_=f"node{state}")


def fill_share(seen: ComponentOutcome | None) -> float | None:
    """How full a component is, 0 to 1: its servers, else its concurrency; None where it has neither."""
    if seen is None:
        return None
    if seen.utilization_peak is not None:
        return min(seen.utilization_peak, 1.0)
    if seen.concurrency_peak is not None and seen.concurrency_limit:
        return min(seen.concurrency_peak / seen.concurrency_limit, 1.0)
    return None


def levels_text(seen: ComponentOutcome | None, limits: Mapping[str, float]) -> list[str]:
    """What a component did, in a few short lines, the most telling first.

    Args:
        seen: What it did.
        limits: Its hard limits by name; the one that its concurrency ran against gives that its name.
    """
    if seen is None:
        return []
    words = []
    if seen.utilization_peak is not None:
        words.append(f"CPU {figures.percent(min(seen.utilization_peak, 1.0))}")
        if seen.instances_peak is not None and seen.instances_peak > 1.0:
            words[-1] += f" · {figures.count(seen.instances_peak)} instances"
    if seen.refused:
        words.append(f"{figures.whole(seen.refused)} refused")
    if seen.hit_ratio is not None:
        words.append(f"hit ratio {figures.percent(seen.hit_ratio)}")
    if seen.concurrency_peak is not None and seen.concurrency_limit:
        limit = next(
            (n for n, value in limits.items() if value == seen.concurrency_limit and n != "instances"), "in use"
        )
        used, most = figures.whole(seen.concurrency_peak), figures.whole(seen.concurrency_limit)
        words.append(f"{used} of {most} {limit.removeprefix('max_').replace('_', ' ')}")
    words.append(f"{figures.rate(seen.visits_per_s, 'visits/s')}")
    return words


def _below(review: Review, arranged: Layers, width: float, height: float) -> tuple[list[Markup], float]:
    """Under the picture: components no route reaches, and what is not modelled though requests pass through."""
    matters, _ = sentences.left_out(review)
    drawn: list[Markup] = []
    y = height
    if arranged.unreached:
        items = [
            (name, room(review.workload.components[name].kind).TITLE, "no route reaches it", "idle")
            for name in arranged.unreached
        ]
        part, y = _boxes("Modelled, but no route reaches it", items, width, y)
        drawn += part
    if matters:
        part, y = _boxes(
            "Not modelled, though requests probably pass through", [_ghost(item) for item in matters], width, y
        )
        drawn += part
    return drawn, y


def _ghost(item: NotModelled) -> tuple[str, str, str, str]:
    return item.name, item.kind.removeprefix("AWS::").replace("::", " "), item.reason, "ghost"


def _boxes(title: str, items: list[tuple[str, str, str, str]], width: float, y: float) -> tuple[list[Markup], float]:
    drawn = [element("text", title, x=MARGIN, y=y + 18, class_="small")]
    by_row = max(1, int((width - MARGIN) // (NODE_WIDTH + 12.0)))
    shown = items[:MOST_GHOSTS]
    for k, (name, kind, hover, style) in enumerate(shown):
        x = MARGIN + (k % by_row) * (NODE_WIDTH + 12.0)
        top = y + 28.0 + (k // by_row) * (GHOST_HEIGHT + 10.0)
        drawn.append(
            element(
                "g",
                element("title", f"{name}: {hover}"),
                element("rect", x=x, y=top, width=NODE_WIDTH, height=GHOST_HEIGHT, rx=6.0, class_="frame"),
                element("text", shortened(name, 25), x=x + 12, y=top + 19, class_="name"),
                element("text", shortened(kind, SMALL_LETTERS), x=x + 12, y=top + 35, class_="small"),
                class_=f"node {style}",
            )
        )
    rows = -(-len(shown) // by_row)
    y += 28.0 + rows * (GHOST_HEIGHT + 10.0)
    if len(items) > len(shown):
        drawn.append(element("text", f"and {len(items) - len(shown)} more", x=MARGIN, y=y + 12, class_="small"))
        y += 18.0
    return drawn, y + 4.0


def shortened(text: str, letters: int) -> str:
    """A text cut to so many letters; the whole of it is in the hover text."""
    return text if len(text) <= letters else f"{text[: letters - 1].rstrip()}…"
