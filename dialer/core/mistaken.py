"""How often is a person taken for a machine, or a machine for a person?

Agents know: what they say of their talks corrects the verdict. So it is known of those calls only that were joined: who
was hung up on in time is no part of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

SURE = 1.96  # standard deviations to either side: 95 %


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    mistaken: int = 0
    of: int = 0

    def interval(self) -> tuple[float, float]:
        """Where the share of all lies, 95 % surely (Wilson, 1927); from 0 to 1 as long as nothing is known."""
        if not self.of:
            return 0.0, 1.0
        share, z = self.mistaken / self.of, SURE * SURE / self.of
        middle = (share + z / 2) / (1 + z)
        half = sqrt(share * (1 - share) * z + z * z / 4) / (1 + z)
        return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class Mistaken:
    """Verdicts of a campaign, and what agents said of the calls that they took."""

    verdicts: Mapping[str, int]  # by who is said to have answered
    machines: Share  # machines among the calls of people, by the verdict, that agents spoke of
    people: Share  # people among those of machines


NOTHING_KNOWN = Mistaken({}, Share(), Share())
