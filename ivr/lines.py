"""Which ways lead to an agent?"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Line:
    """The way to an agent, in the platform's words: an application, and the variable that says whether they met."""

    application: str
    arguments: str
    variable: str
    met: str  # the variable's value, if they did


def nailed_up(leg: str, *, beep: bool = False) -> Line:
    """The way to an agent whose telephone waits on the line, by its channel's identity.

    With ``beep`` the agent alone hears a sound first, and until it ends neither hears the other (main/features.c,
    bridge_exec; main/bridge.c, ast_bridge_add_channel).
    """
    return Line("Bridge", f"{leg},p" if beep else leg, "BRIDGERESULT", "SUCCESS")


def ringing(device: str, ring_time: timedelta, before: str) -> Line:
    """The way to an agent whose telephone is called for this caller; g: when the agent has left, the flow goes on.

    ``before``: where the dialplan makes the telephone ready, as Dial's option b names it.
    """
    return Line("Dial", f"{device},{ring_time // timedelta(seconds=1)},gb({before})", "DIALSTATUS", "ANSWER")
