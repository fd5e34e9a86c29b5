"""How does Asterisk tell when a callee talks? Pure: headers and messages, TALK_DETECT's (funcs/func_talkdetect.c).

It counts only audio that comes: where a carrier sends none in silence, no span ends.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from dialer.adapters.ami import contract
from dialer.adapters.ami.protocol import Message
from dialer.core.machines import Talk, TalkStarted, TalkStopped

PAUSE: Final = timedelta(milliseconds=100)  # shorter ones are within a word
EVENTS: Final = frozenset({contract.TALKS, contract.SILENT})
_MS: Final = timedelta(milliseconds=1)


def wanted() -> Iterable[tuple[str, str]]:
    """The headers of Originate by which the dialplan switches it on, once the call is answered."""
    return (("Variable", f"{contract.TALK_VARIABLE}={PAUSE // _MS}"),)


def news(message: Message, at: datetime) -> Talk:
    """What one of ``EVENTS`` says of its call. The end of a span is told when the pause has passed."""
    identity = message.get("Uniqueid")
    if message.name == contract.TALKS:
        return TalkStarted(identity, at)
    lasted = message.get("Duration")
    return TalkStopped(identity, at - PAUSE, int(lasted) * _MS if lasted.isdecimal() else timedelta())
