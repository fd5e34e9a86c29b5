"""May somebody ask again already? A bucket that fills at a steady rate, and holds so much at most."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Rate:
    per_second: float
    burst: float  # what may be asked at once, after a pause

    @classmethod
    def steady(cls, per_second: float) -> "Rate":
        """Two seconds' worth at once, and one in any case."""
        return cls(per_second, max(1.0, 2 * per_second))

    @classmethod
    def of(cls, per_second: float | None, others: "Rate | None") -> "Rate | None":
        """One's own, or that of all others; None: as often as one likes."""
        return others if per_second is None else cls.steady(per_second)


@dataclass(frozen=True, slots=True)
class Bucket:
    """What is left at a moment, in seconds of a clock that never goes back."""

    left: float
    at: float


def taken(bucket: Bucket | None, rate: Rate, now: float) -> tuple[Bucket, timedelta]:
    """The bucket after somebody has asked, and how long they have to wait; nothing is taken from who has to."""
    filled = rate.burst if bucket is None else min(rate.burst, bucket.left + (now - bucket.at) * rate.per_second)
    if filled >= 1:
        return Bucket(filled - 1, now), timedelta()
    return Bucket(filled, now), timedelta(seconds=(1 - filled) / rate.per_second)
