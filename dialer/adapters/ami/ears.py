"""How is a supervisor's telephone asked for in Asterisk's words? Pure: headers of actions.

``ChanSpy`` finds the agent's leg by the group that stands in a variable of the leg, not by a channel's name: names are
matched by their beginning, so that who listens to agent1 might hear agent10, and a leg that is called anew has another.
"""

from collections.abc import Iterable
from datetime import timedelta

from dialer.adapters.ami import contract
from dialer.adapters.ami.legs import PHONE, device
from dialer.core.listening import ListenMode
from dialer.ports.ears import EAR_ID, heard_by


def originate(ear_id: str, phone: str, mode: ListenMode, ring_time: timedelta) -> Iterable[tuple[str, str]]:
    """The headers of the action that calls the telephone; ValueError for an id or a name that is none."""
    if not PHONE.fullmatch(phone):
        raise ValueError(f"{phone!r} is no telephone")
    return (
        ("ActionID", ear_id),
        ("Channel", device(phone)),
        *_extension(mode),
        ("Timeout", str(ring_time // timedelta(milliseconds=1))),
        ("Async", "true"),
        ("ChannelId", ear_id),
        ("Variable", f"{contract.EAR_VARIABLE}={heard_by(ear_id)}"),
    )


def redirect(ear_id: str, mode: ListenMode) -> Iterable[tuple[str, str]]:
    """The headers of the action that lets it take part in another way, or in another call."""
    if not EAR_ID.fullmatch(ear_id):
        raise ValueError(f"{ear_id!r} is no ear's id")
    # Asterisk's Redirect takes a Uniqueid where no channel has that name.
    return (("Channel", ear_id), *_extension(mode))


def _extension(mode: ListenMode) -> Iterable[tuple[str, str]]:
    return (
        ("Context", contract.CONTEXT),
        ("Exten", contract.EAR_EXTENSIONS[mode]),
        ("Priority", contract.PRIORITY),
    )
