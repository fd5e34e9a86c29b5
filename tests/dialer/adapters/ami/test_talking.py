"""Is what TALK_DETECT tells read as it is meant?"""

from datetime import timedelta

from dialer.adapters.ami import talking
from dialer.adapters.ami.protocol import Message
from dialer.core.machines import TalkStarted, TalkStopped
from tests.support.clock import MONDAY

CALL = "a" * 32


def message(name: str, **fields: str) -> Message:
    headers = {"Uniqueid": CALL, **fields}
    return Message(True, name, "".join(f"\r\n{header}: {value}" for header, value in headers.items()))


def test_the_beginning_is_told_at_once() -> None:
    assert talking.news(message("ChannelTalkingStart"), MONDAY) == TalkStarted(CALL, MONDAY)


def test_the_end_is_told_when_the_pause_has_passed() -> None:
    told = talking.news(message("ChannelTalkingStop", Duration="840"), MONDAY)
    assert told == TalkStopped(CALL, MONDAY - talking.PAUSE, timedelta(milliseconds=840))


def test_an_end_without_a_length_has_none() -> None:
    assert talking.news(message("ChannelTalkingStop"), MONDAY) == TalkStopped(CALL, MONDAY - talking.PAUSE, timedelta())
