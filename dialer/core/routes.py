"""Which trunk carries the next call?

    trunks that may present the caller number ─► those with room ─► of the lowest order ─► by weight

A trunk of a higher order is used while those before it are full or rest after failures; trunks of the same order share
the calls by their weights. Which trunks there are is data of the installation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from dialer.core.plan_fields import E164
from dialer.core.trunks import TrunkLimits


@dataclass(frozen=True, slots=True)
class Route:
    """A trunk as it may be used."""

    name: str  # as the switch knows the trunk
    limits: TrunkLimits
    order: int = 1
    weight: int = 1
    caller_numbers: frozenset[str] = frozenset()  # that it may present, E.164 with the plus; empty: any
    dial: str | None = None  # the dial string, where it differs from the installation's

    def presents(self, caller_number: str | None) -> bool:
        """Whether a call may be seen to come from that number on this trunk; None stands for any."""
        return caller_number is None or not self.caller_numbers or caller_number in self.caller_numbers


@dataclass(frozen=True, slots=True)
class Load:
    """What a trunk carries at this moment, and what it takes."""

    route: Route
    in_flight: int
    room: int  # calls; 0 while it rests
    next_start: float  # monotonic s


def usable(loads: Sequence[Load], caller_number: str | None) -> Sequence[Load]:
    """The trunks that the next call may go over; ``caller_number`` None: whichever it presents."""
    fit = [load for load in loads if load.room > 0 and load.route.presents(caller_number)]
    first = min((load.route.order for load in fit), default=0)
    return [load for load in fit if load.route.order == first]


def choose(loads: Sequence[Load], caller_number: str, now: float) -> Route | None:
    """The trunk that takes it soonest; of those that take it now, the one with the least to carry for its weight."""
    best = min(
        usable(loads, caller_number),
        key=lambda load: (max(load.next_start, now), (load.in_flight + 1) / load.route.weight),
        default=None,
    )
    return best.route if best else None


class RouteProblem(ValueError):
    """The trunks cannot be used as they are written; the message says which and why."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    calls_per_second: Annotated[float, Field(gt=0, le=1000)]
    concurrent_calls: Annotated[int, Field(ge=1, le=10_000)]
    order: Annotated[int, Field(ge=1, le=100)] = 1
    weight: Annotated[int, Field(ge=1, le=1000)] = 1
    caller_numbers: list[E164] = []
    dial: str | None = None

    def route(self, outstanding_calls: int) -> Route:
        limits = TrunkLimits(self.calls_per_second, self.concurrent_calls, outstanding_calls)
        return Route(self.name, limits, self.order, self.weight, frozenset(self.caller_numbers), self.dial)


_FILE = TypeAdapter(Annotated[list[_Entry], Field(min_length=1, max_length=50)])


def read_routes(document: str | bytes, outstanding_calls: int) -> list[Route]:
    """The trunks of a JSON document, in its order.

    Raises:
        RouteProblem: it is none, or names a trunk twice.
    """
    try:
        entries = _FILE.validate_json(document)
    except ValidationError as error:
        where = error.errors()[0]
        raise RouteProblem(f"{'.'.join(map(str, where['loc'])) or 'the file'}: {where['msg']}") from error
    names = [each.name for each in entries]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise RouteProblem(f"{', '.join(twice)}: named twice")
    return [each.route(outstanding_calls) for each in entries]
