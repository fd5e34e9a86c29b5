"""How did the day go? A drawing of our own, without any library: utilisation above, abandoned calls so far below."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from itertools import accumulate

from dialer.trials.floor import SPAN, Counts

COLOURS = ("#1b6ca8", "#c8553d", "#588b8b", "#8e6c8a", "#d4a017", "#4a7c59", "#7a7a7a", "#b07d62", "#2d3047", "#93b7be")
LEFT, WIDTH, HEIGHT, GAP = 60, 760, 220, 50
SMOOTH = 6  # parts of five minutes that a point of the upper lines stands for


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    course: Sequence[Counts]


def svg(lines: Sequence[Line], begins: datetime, limit: float) -> str:
    parts = max(len(line.course) for line in lines)
    top = max(2 * limit, 0.02)
    height = 2 * (HEIGHT + GAP) + 20 * len(lines) + 20
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 20} {height}"',
        '     font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        _frame(30, "utilisation", 1.0, begins, parts),
        _frame(30 + HEIGHT + GAP, "abandoned so far, share of live answers", top, begins, parts),
        _rule(30 + HEIGHT + GAP, limit / top),
        _polyline(30, agents_there(lines[0].course), 1.0, parts, "#bbb"),
        f'<text x="{LEFT + WIDTH - 6}" y="44" text-anchor="end" fill="#888">grey: agents there, of the most</text>',
    ]
    for place, line in enumerate(lines):
        colour = COLOURS[place % len(COLOURS)]
        drawn.append(_polyline(30, utilisation(line.course), 1.0, parts, colour))
        drawn.append(_polyline(30 + HEIGHT + GAP, abandoned_so_far(line.course), top, parts, colour))
        y = 2 * (HEIGHT + GAP) + 20 * (place + 1)
        drawn.append(f'<rect x="{LEFT}" y="{y - 9}" width="14" height="4" fill="{colour}"/>')
        drawn.append(f'<text x="{LEFT + 22}" y="{y - 3}">{escape(line.name)}</text>')
    return "\n".join([*drawn, "</svg>"]) + "\n"


def utilisation(course: Sequence[Counts]) -> list[float]:
    """Over the half hour before each moment."""
    return [
        sum(part.busy for part in lately) / max(sum(part.staffed for part in lately), 1e-9)
        for lately in (course[max(0, end - SMOOTH) : end] for end in range(1, len(course) + 1))
    ]


def agents_there(course: Sequence[Counts]) -> list[float]:
    """As a share of the most that were there at any time."""
    most = max(part.staffed for part in course) or 1.0
    return [part.staffed / most for part in course]


def abandoned_so_far(course: Sequence[Counts]) -> list[float]:
    abandoned = accumulate(part.abandoned for part in course)
    answers = accumulate(part.live_answers for part in course)
    return [lost / max(all_of, 1) for lost, all_of in zip(abandoned, answers, strict=True)]


def _polyline(top: int, values: Sequence[float], most: float, parts: int, colour: str) -> str:
    points = " ".join(
        f"{LEFT + WIDTH * (place + 1) / parts:.1f},{top + HEIGHT * (1 - min(value / most, 1.0)):.1f}"
        for place, value in enumerate(values)
    )
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>'


def _frame(top: int, title: str, most: float, begins: datetime, parts: int) -> str:
    drawn = [
        f'<text x="{LEFT}" y="{top - 8}">{escape(title)}</text>',
        f'<rect x="{LEFT}" y="{top}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#999"/>',
    ]
    for quarter in range(5):
        y = top + HEIGHT * (1 - quarter / 4)
        drawn.append(f'<text x="{LEFT - 8}" y="{y + 4:.0f}" text-anchor="end">{most * quarter / 4:.1%}</text>')
    for part in range(0, parts + 1, max(1, parts // 8)):
        x, moment = LEFT + WIDTH * part / parts, begins + timedelta(seconds=SPAN * part)
        drawn.append(f'<text x="{x:.0f}" y="{top + HEIGHT + 16}" text-anchor="middle">{moment:%H:%M}</text>')
    return "\n".join(drawn)


def _rule(top: int, share: float) -> str:
    y = top + HEIGHT * (1 - share)
    return f'<line x1="{LEFT}" x2="{LEFT + WIDTH}" y1="{y:.0f}" y2="{y:.0f}" stroke="#c00" stroke-dasharray="4 3"/>'
