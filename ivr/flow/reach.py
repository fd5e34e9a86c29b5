"""Where may a callee come in a flow, and what is known then?"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ivr.flow.nodes import Ask, Flow, Way


@dataclass(frozen=True, slots=True)
class Spot:
    """A node, reached with so much known."""

    node: str
    may_be_told: bool  # the person is identified, or need not be
    has_date: bool  # by which it is to be paid


def reached(flow: Flow, *, may_be_told: bool = False) -> Mapping[Spot, str]:
    """Every spot that can be reached, with the keys of a shortest way there.

    Args:
        may_be_told: whether nobody is asked who it is.
    """
    start = Spot(flow.start, may_be_told, has_date=False)
    found = {start: ""}
    waiting = deque([start])
    while waiting:
        spot = waiting.popleft()
        for key, following in leading(flow, spot):
            if following not in found:
                found[following] = found[spot] + key
                waiting.append(following)
    return found


def leading(flow: Flow, spot: Spot) -> Iterator[tuple[str, Spot]]:
    """Where a spot leads, and by which key."""
    node = flow.nodes[spot.node]
    if isinstance(node, Ask) and node.identifying and spot.may_be_told:
        yield "", _after(spot, node.identifying)
        return
    for way in node.ways():
        yield way.key, _after(spot, way)


def _after(spot: Spot, way: Way) -> Spot:
    return Spot(way.to, spot.may_be_told or way.identifies, spot.has_date or way.takes is not None)
