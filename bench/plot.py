"""Panels with lines, as SVG that follows the reader's light or dark colours."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 560
PANEL_HEIGHT = 190
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 34, 46  # around the lines of a panel
HEAD = 30  # above the legend
LEGEND_LINE = 24
ROOM = 1.2  # above the highest point
MARKS = ("circle", "square", "triangle", "diamond")
LIGHT = ("#0969da", "#bc4c00", "#1a7f37", "#8250df")
DARK = ("#4493f8", "#f0883e", "#3fb950", "#ab7df8")
INKS = {"light": ("#1f2328", "#59636e", "#d1d9e0"), "dark": ("#f0f6fc", "#9198a1", "#3d444d")}
FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"


@dataclass(frozen=True)
class Line:
    """A series: its place in the legend, its points, and how far above each the shade reaches."""

    name: str
    points: Sequence[tuple[float, float]]
    shade: Sequence[float] = ()


@dataclass(frozen=True)
class Panel:
    """Lines over one pair of axes."""

    title: str
    lines: Sequence[Line]


@dataclass(frozen=True)
class Figure:
    """Panels side by side that share their axes and their legend."""

    title: str
    x_title: str
    y_title: str
    panels: Sequence[Panel]
    note: str = ""
    x_label: Callable[[float], str] = lambda value: f"{value:g}"


Position = Callable[[float], float]


def drawn(figure: Figure) -> str:
    """The figure as an SVG document."""
    names = list(dict.fromkeys(line.name for panel in figure.panels for line in panel.lines))
    legend, legend_height = _legend(names, figure.note)
    rows = -(-len(figure.panels) // 2)
    height = HEAD + legend_height + rows * (TOP + PANEL_HEIGHT + BOTTOM)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title">',
        f'<title id="title">{escape(figure.title)}</title>',
        _style(),
        f'<text class="head" x="0" y="18">{escape(figure.title)}</text>',
        *legend,
    ]
    for at, panel in enumerate(figure.panels):
        corner = at % 2 * (WIDTH // 2), HEAD + legend_height + at // 2 * (TOP + PANEL_HEIGHT + BOTTOM)
        parts += _panel(figure, panel, corner, names)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _style() -> str:
    return (
        f"<style>text{{font:14px {FONT}}}.head{{font-weight:600;font-size:16px}}.name{{font-weight:600}}"
        f".line{{fill:none;stroke-width:2.5;stroke-linejoin:round}}.shade{{opacity:.16}}.grid{{stroke-width:1}}"
        f"{_colours('light', LIGHT)}@media (prefers-color-scheme:dark){{{_colours('dark', DARK)}}}</style>"
    )


def _colours(scheme: str, series: Sequence[str]) -> str:
    ink, soft, grid = INKS[scheme]
    own = "".join(f".s{at}{{stroke:{one}}}.f{at}{{fill:{one}}}" for at, one in enumerate(series))
    return f"text{{fill:{ink}}}.soft{{fill:{soft}}}.grid{{stroke:{grid}}}{own}"


def _legend(names: Sequence[str], note: str) -> tuple[list[str], int]:
    """The marks and names, in as many lines as they need, then the note, and the height of all."""
    parts, x, y = [], 0.0, HEAD + 12
    for at, name in enumerate(names):
        needed = 30 + 7.6 * len(name)
        if x and x + needed > WIDTH:
            x, y = 0.0, y + LEGEND_LINE
        parts += [_mark(at, x + 8, y - 5), f'<text x="{x + 20:g}" y="{y}">{escape(name)}</text>']
        x += needed
    if note:
        y += LEGEND_LINE
        parts.append(f'<text class="soft" x="3" y="{y}">{escape(note)}</text>')
    return parts, y - HEAD + 8


def _mark(series: int, x: float, y: float) -> str:
    """A dot of its own shape, so that colours are not all that tells lines apart."""
    shape = MARKS[series % len(MARKS)]
    if shape == "circle":
        return f'<circle class="f{series}" cx="{x:.1f}" cy="{y:.1f}" r="4.5"/>'
    corners = {
        "square": ((-4, -4), (4, -4), (4, 4), (-4, 4)),
        "triangle": ((0, -5.5), (5.2, 4), (-5.2, 4)),
        "diamond": ((0, -6), (6, 0), (0, 6), (-6, 0)),
    }[shape]
    return f'<polygon class="f{series}" points="{_path((x + dx, y + dy) for dx, dy in corners)}"/>'


def _path(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _panel(figure: Figure, panel: Panel, corner: tuple[float, float], names: Sequence[str]) -> Iterator[str]:
    left, right = corner[0] + LEFT, corner[0] + WIDTH // 2 - RIGHT
    top, bottom = corner[1] + TOP, corner[1] + TOP + PANEL_HEIGHT
    xs, ys = _values(figure)
    x_at = _logarithmic(min(xs), max(xs), left + 8, right - 14)
    y_at = _logarithmic(10.0 ** math.floor(math.log10(min(ys))), ROOM * max(ys), bottom, top)
    yield f'<text class="name" x="{left}" y="{top - 12}">{escape(panel.title)}</text>'
    yield from _y_axis(ys, y_at, left, right)
    yield f'<text class="soft" x="{left}" y="{bottom + 38}">{escape(figure.x_title)}</text>'
    yield f'<text class="soft" x="{right}" y="{top - 12}" text-anchor="end">{escape(figure.y_title)}</text>'
    for x in sorted(set(xs)):
        label = escape(figure.x_label(x))
        yield f'<text class="soft" x="{x_at(x):.1f}" y="{bottom + 18}" text-anchor="middle">{label}</text>'
    for line in panel.lines:
        yield from _line(names.index(line.name), line, x_at, y_at)


def _values(figure: Figure) -> tuple[list[float], list[float]]:
    lines = [line for panel in figure.panels for line in panel.lines]
    xs = [x for line in lines for x, _ in line.points]
    return xs, [y for line in lines for _, y in line.points] + [y for line in lines for y in line.shade]


def _logarithmic(low: float, high: float, first: float, last: float) -> Position:
    span = math.log10(high / low) or 1

    def position(value: float) -> float:
        return first + (last - first) * math.log10(value / low) / span

    return position


def _y_axis(ys: Sequence[float], y_at: Position, left: float, right: float) -> Iterator[str]:
    """A line and a number for each power of ten."""
    for power in range(math.floor(math.log10(min(ys))), math.floor(math.log10(ROOM * max(ys))) + 1):
        y = y_at(10.0**power)
        yield f'<line class="grid" x1="{left}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}"/>'
        yield f'<text class="soft" x="{left - 6}" y="{y + 5:.1f}" text-anchor="end">{10.0**power:g}</text>'


def _line(series: int, line: Line, x_at: Position, y_at: Position) -> Iterator[str]:
    points = [(x_at(x), y_at(y)) for x, y in line.points]
    if line.shade:
        above = [(x_at(x), y_at(y)) for (x, _), y in zip(line.points, line.shade, strict=True)]
        yield f'<polygon class="shade f{series}" points="{_path([*points, *reversed(above)])}"/>'
    yield f'<polyline class="line s{series}" points="{_path(points)}"/>'
    yield from (_mark(series, x, y) for x, y in points)
