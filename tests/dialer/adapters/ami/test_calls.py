from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from dialer.adapters.ami.calls import CallTrail, call_of
from dialer.adapters.ami.contract import CALL_EVENTS
from dialer.adapters.ami.protocol import Message, Receiver
from dialer.core.call import Answered, End, Ended, Event, Rang, Started
from dialer.ports import CallPhase
from tests.support.transcripts import BANNER, CAPTURED_ID, transcript

AT = datetime(2026, 11, 23, 10, tzinfo=UTC)

# What each capture means: the events that are told, how the call ended, and the code kept for diagnosis.
MEANINGS: dict[str, tuple[list[type[Event]], End, str]] = {
    "busy": ([Started], End.BUSY, "17/486"),
    "no_answer": ([Started, Rang], End.NO_ANSWER, "19/480"),
    "no_reply": ([Started], End.NO_REPLY, "19/480"),
    "unavailable": ([Started], End.UNAVAILABLE, "19/480"),
    "rejected": ([Started, Rang], End.REJECTED, "21/403"),
    "congestion": ([Started], End.CONGESTION, "34/503"),
    "invalid_number": ([Started], End.INVALID_NUMBER, "1/404"),
    "callee_hangs_up": ([Started, Rang, Answered], End.NORMAL, "16"),
    "hung_up_after_answer": ([Started, Rang, Answered], End.NORMAL, "16"),
}


def messages(*blocks: bytes) -> list[Message]:
    return list(Receiver(CALL_EVENTS).receive(BANNER + b"".join(blocks)))


def captured(name: str) -> list[Message]:
    return [message for message in messages(*transcript(name)) if message.is_event]


def event(name: str, **headers: str | int) -> Message:
    identity = {"OriginateResponse": "ActionID", "DialState": "DestUniqueid"}.get(name, "Uniqueid")
    lines = "".join(f"{key}: {value}\r\n" for key, value in {identity: CAPTURED_ID, **headers}.items())
    return messages(f"Event: {name}\r\n{lines}\r\n".encode())[0]


def tell(told: Iterable[Message], trail: CallTrail | None = None) -> list[Event]:
    """What the trail makes of them, one second apart."""
    trail = trail or CallTrail(CAPTURED_ID)
    return [news for second, message in enumerate(told) for news in trail.hear(message, AT + timedelta(seconds=second))]


@pytest.mark.parametrize("name", MEANINGS)
def test_each_captured_call_becomes_its_story(name: str) -> None:
    kinds, end, code = MEANINGS[name]
    told = tell(captured(name))
    assert [type(news) for news in told] == [*kinds, Ended]
    last = told[-1]
    assert isinstance(last, Ended)
    assert (last.why, last.platform_code) == (end, code)


@pytest.mark.parametrize("name", MEANINGS)
def test_the_order_of_the_events_does_not_matter(name: str) -> None:
    _, end, code = MEANINGS[name]
    for told in permutations(captured(name)):
        ended = [news for news in tell(told) if isinstance(news, Ended)]
        assert [(last.why, last.platform_code) for last in ended] == [(end, code)]


@pytest.mark.parametrize("name", MEANINGS)
def test_events_told_twice_change_nothing(name: str) -> None:
    told = captured(name)
    assert [type(news) for news in tell([*told, *told])] == [type(news) for news in tell(told)]


def test_a_cancelled_call_is_ours_when_we_asked_for_its_end() -> None:
    trail = CallTrail(CAPTURED_ID)
    trail.asked_to_end = True
    [*_, ended] = tell(captured("cancelled_while_ringing"), trail)
    assert ended == Ended(CAPTURED_ID, ended.at, End.BY_US, "16")


def test_a_call_that_somebody_else_cancelled_is_not_ours() -> None:
    [*_, ended] = tell(captured("cancelled_while_ringing"))
    assert isinstance(ended, Ended)
    assert ended.why is End.OTHER


def test_an_announcement_is_progress_but_no_answer() -> None:
    told = tell(
        [
            event("Newchannel", ChannelState=0),
            event("DialState", DialStatus="PROGRESS", DestChannelState=0),
            event("HangupRequest", ChannelState=0, Cause=1, TechCause=404),
            event("OriginateResponse", Response="Failure", Reason=0),
            event("Hangup", ChannelState=0, Cause=1, TechCause=404),
        ]
    )
    assert [type(news) for news in told] == [Started, Rang, Ended]
    assert told[-1] == Ended(CAPTURED_ID, AT + timedelta(seconds=2), End.INVALID_NUMBER, "1/404")


def test_the_next_hop_taking_the_call_is_no_progress() -> None:
    assert tell([event("DialState", DialStatus="PROCEEDING", DestChannelState=0)]) == []


def test_the_request_to_hang_up_is_the_moment_the_call_ended() -> None:
    # Hangup waits until the flow has let go of the channel; here two seconds.
    up = event("Newstate", ChannelState=6)
    left = event("HangupRequest", ChannelState=6, Cause=16)
    still_there = event("Newstate", ChannelState=6)
    gone = event("Hangup", ChannelState=6, Cause=16)
    ended = tell([up, left, still_there, gone])[-1]
    assert ended.at == AT + timedelta(seconds=1)


def test_a_trunk_that_is_not_there_gives_no_channel_and_no_call() -> None:
    trail = CallTrail(CAPTURED_ID)
    assert tell(captured("no_trunk"), trail) == []
    assert trail.awaits_other_half
    assert trail.give_up(AT) == [Ended(CAPTURED_ID, AT, End.NOT_PLACED, "reason/0")]


def test_a_failure_that_overtakes_its_channel_is_not_taken_for_a_missing_trunk() -> None:
    busy = captured("busy")
    failure = next(message for message in busy if message.name == "OriginateResponse")
    [*_, ended] = tell([failure, *(message for message in busy if message is not failure)])
    assert isinstance(ended, Ended)
    assert ended.why is End.BUSY


def test_an_end_whose_other_half_never_comes_is_told_when_we_give_up() -> None:
    trail = CallTrail(CAPTURED_ID)
    tell([message for message in captured("busy") if message.name != "OriginateResponse"], trail)
    assert trail.awaits_other_half
    [ended] = trail.give_up(AT)
    assert isinstance(ended, Ended)
    assert ended.why is End.BUSY
    assert trail.give_up(AT) == []


def test_a_refused_action_is_a_call_that_was_never_placed() -> None:
    [refusal] = messages(*transcript("refused_action"))
    trail = CallTrail(CAPTURED_ID)
    assert trail.refuse(refusal, AT) == [Ended(CAPTURED_ID, AT, End.NOT_PLACED, "Extension does not exist.")]
    assert trail.refuse(refusal, AT) == []


def test_an_answered_call_needs_only_its_hangup() -> None:
    told = tell([event("Newstate", ChannelState=6), event("Hangup", ChannelState=6, Cause=16)])
    assert [type(news) for news in told] == [Started, Answered, Ended]


def test_a_call_of_which_only_the_end_was_heard_was_answered_if_its_channel_was_up() -> None:
    told = tell([event("Hangup", ChannelState=6, Cause=44)])
    assert [type(news) for news in told] == [Started, Answered, Ended]
    assert told[-1] == Ended(CAPTURED_ID, AT, End.MEDIA_LOST, "44")


def test_the_leg_to_an_agent_does_not_change_how_an_answered_call_ended() -> None:
    told = tell([event("Newstate", ChannelState=6), event("Hangup", ChannelState=6, Cause=3, TechCause=404)])
    assert told[-1] == Ended(CAPTURED_ID, AT + timedelta(seconds=1), End.NORMAL, "3/404")


def test_a_refused_duplicate_is_about_its_own_action_and_not_about_the_living_call() -> None:
    lines = f"ActionID: another\r\nResponse: Failure\r\nReason: 0\r\nUniqueid: {CAPTURED_ID}\r\n\r\n"
    [refused] = messages(f"Event: OriginateResponse\r\n{lines}".encode())
    assert call_of(refused) == "another"


def test_an_adopted_call_is_not_told_what_was_told_before() -> None:
    trail = CallTrail(CAPTURED_ID, CallPhase.ANSWERED)
    told = tell([event("Newstate", ChannelState=6), event("Hangup", ChannelState=6, Cause=16)], trail)
    assert [type(news) for news in told] == [Ended]


def test_a_list_of_channels_tells_what_nobody_heard() -> None:
    trail = CallTrail(CAPTURED_ID)
    assert trail.see(CallPhase.ANSWERED, AT) == [Answered(CAPTURED_ID, AT)]
    assert trail.see(CallPhase.ANSWERED, AT) == []


def test_a_lost_call_is_told_once() -> None:
    trail = CallTrail(CAPTURED_ID)
    assert trail.lose(AT) == [Ended(CAPTURED_ID, AT, End.LOST)]
    assert trail.lose(AT) == []
    assert tell(captured("busy"), trail) == []


def test_nothing_is_told_to_have_happened_after_the_end() -> None:
    left = event("HangupRequest", ChannelState=0, Cause=17, TechCause=486)
    late_ringing = event("DialState", DialStatus="RINGING")
    told = tell([left, late_ringing])
    assert told == [Started(CAPTURED_ID, AT), Rang(CAPTURED_ID, AT)]
