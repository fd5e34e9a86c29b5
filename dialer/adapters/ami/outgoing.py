"""How is a debtor's telephone asked for in Asterisk's words? Pure: headers of an action."""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from dialer.adapters.ami import contract, talking
from dialer.model import OutgoingCall

IDENTITY: Final = re.compile(r"[0-9a-f]{32}")  # of an attempt

_NUMBER: Final = re.compile(r"\+?[0-9]{1,20}")


def originate(call: OutgoingCall, dial: str) -> Iterable[tuple[str, str]]:
    """The headers of the action that places the call; ValueError for one that cannot be written safely.

    Args:
        dial: the dial string, with {number}, {digits} (the number without its plus) and {trunk}.
    """
    if not (IDENTITY.fullmatch(call.attempt_id) and _NUMBER.fullmatch(call.number)):
        raise ValueError(f"call {call.attempt_id}: an attempt id is 32 hex characters, a number has digits and a plus")
    channel = dial.format(number=call.number, digits=call.number.lstrip("+"), trunk=call.trunk)
    # No EarlyMedia: with it an announcement counts as an answer, and the message plays to a ringback tone.
    return (
        ("ActionID", call.attempt_id),
        ("Channel", channel),
        ("Context", contract.CONTEXT),
        ("Exten", contract.EXTENSION),
        ("Priority", contract.PRIORITY),
        ("Timeout", str(call.ring_time // timedelta(milliseconds=1))),
        ("CallerID", call.caller_number),
        ("Async", "true"),
        ("ChannelId", call.attempt_id),
        *(talking.wanted() if call.tells_of_talking else ()),
    )
