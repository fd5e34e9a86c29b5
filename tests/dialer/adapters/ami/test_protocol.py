from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.adapters.ami.contract import WANTED_EVENTS
from dialer.adapters.ami.protocol import (
    LONGEST_ACTION_LINE,
    LONGEST_MESSAGE,
    Message,
    ProtocolError,
    Receiver,
    UnsafeHeader,
    action,
)
from tests.support.transcripts import BANNER, transcript

NAMES = st.from_regex(r"[A-Za-z][A-Za-z-]{0,12}", fullmatch=True)
VALUES = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=60)
HEADERS = st.lists(st.tuples(NAMES, VALUES), max_size=12)


def told(message: Message) -> tuple[bool, str, list[tuple[str, str]]]:
    return message.is_event, message.name, message.headers()


def written(first: str, name: str, headers: list[tuple[str, str]]) -> bytes:
    return "".join(f"{key}: {value}\r\n" for key, value in [(first, name), *headers]).encode() + b"\r\n"


def read(*parts: bytes, wanted: frozenset[str] | None = None) -> list[Message]:
    receiver = Receiver(wanted)
    return [message for part in parts for message in receiver.receive(part)]


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    bounds = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[begin:end] for begin, end in pairwise(bounds)]


@given(
    st.lists(st.tuples(st.sampled_from(["Event", "Response"]), NAMES, HEADERS), max_size=5), st.lists(st.integers(0))
)
def test_messages_survive_any_split_of_the_bytes(
    messages: list[tuple[str, str, list[tuple[str, str]]]], places: list[int]
) -> None:
    stream = BANNER + b"".join(written(*message) for message in messages)
    heard = [told(message) for message in read(*cut(stream, places))]
    assert heard == [(first == "Event", name, headers) for first, name, headers in messages]


def test_a_captured_call_survives_being_read_byte_by_byte() -> None:
    stream = BANNER + b"".join(transcript("callee_hangs_up"))
    whole = [told(message) for message in read(stream)]
    assert [name for _, name, _ in whole][-2:] == ["Hangup", "DeviceStateChange"]
    assert [told(message) for message in read(*(stream[i : i + 1] for i in range(len(stream))))] == whole


def test_a_letter_split_over_two_reads_is_one_letter() -> None:
    stream = BANNER + written("Event", "Newchannel", [("CallerIDName", "Zażółć gęślą jaźń")])
    middle = stream.index("ż".encode()) + 1
    [message] = read(stream[:middle], stream[middle:])
    assert message.get("CallerIDName") == "Zażółć gęślą jaźń"


def test_a_name_in_another_encoding_costs_its_letters_and_nothing_else() -> None:
    stream = written("Event", "Newchannel", [("CallerIDName", "@"), ("Uniqueid", "1")]).replace(
        b"@", b"Za\xbf\xf3\xb3\xe6"
    )
    [message] = read(BANNER, stream)
    assert message.get("Uniqueid") == "1"


def test_only_wanted_events_are_read_and_every_response() -> None:
    stream = BANNER + b"".join(transcript("callee_hangs_up"))
    everything = [message.name for message in read(stream)]
    wanted = [message.name for message in read(stream, wanted=WANTED_EVENTS)]
    assert "DeviceStateChange" in everything
    assert wanted == [name for name in everything if name != "DeviceStateChange"]
    assert wanted[0] == "Success"


def test_an_event_whose_name_begins_like_a_wanted_one_is_another_event() -> None:
    stream = BANNER + written("Event", "HangupHandlerRun", []) + written("Event", "Hangup", [])
    assert [message.name for message in read(stream, wanted=frozenset({"Hangup"}))] == ["Hangup"]


def test_repeated_headers_are_kept() -> None:
    variables = [("ChanVariable", "a=1"), ("Uniqueid", "7"), ("ChanVariable", "b=2")]
    [message] = read(BANNER, written("Event", "UserEvent", variables))
    assert message.all("ChanVariable") == ["a=1", "b=2"]
    assert message.get("ChanVariable") == "a=1"


def test_an_absent_header_is_empty_and_a_value_is_never_taken_for_a_header() -> None:
    [message] = read(BANNER, written("Event", "Hangup", [("CallerIDName", "Uniqueid: 17"), ("Exten", "")]))
    assert message.get("Uniqueid") == ""
    assert message.get("Exten", "absent") == ""
    assert message.get("Cause", "absent") == "absent"


def test_a_message_never_shows_what_it_holds() -> None:
    [message] = read(BANNER, written("Event", "Hangup", [("CallerIDNum", "+48280000001")]))
    assert repr(message) == "<Event Hangup>"


@pytest.mark.parametrize(
    "peer",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"Asterisk Call Mangler/1\r\n",
        b"\x16\x03\x01\x02",
        b"Asterisk Call Manager/" + b"9" * 300,
    ],
)
def test_a_peer_that_is_no_asterisk_is_refused(peer: bytes) -> None:
    with pytest.raises(ProtocolError):
        read(peer)


def test_garbage_between_messages_is_refused_after_the_messages_before_it() -> None:
    receiver = Receiver()
    messages = receiver.receive(BANNER + written("Event", "Hangup", []) + b"\x00\xff garbage\r\n\r\n")
    assert next(messages).name == "Hangup"
    with pytest.raises(ProtocolError):
        next(messages)


@pytest.mark.parametrize("end", [b"", b"\r\n\r\n"])
def test_a_message_without_end_is_refused(end: bytes) -> None:
    with pytest.raises(ProtocolError):
        read(BANNER, b"Event: Hangup\r\n" + b"x" * LONGEST_MESSAGE + end)


def test_a_message_that_grows_for_ever_is_refused_when_it_is_too_long() -> None:
    receiver = Receiver()
    list(receiver.receive(BANNER + b"Event: Hangup\r\n"))
    for _ in range(LONGEST_MESSAGE // 1000):
        list(receiver.receive(b"x" * 1000))
    with pytest.raises(ProtocolError):
        list(receiver.receive(b"x" * 1000))


def test_an_action_is_its_headers_and_an_empty_line() -> None:
    written = action("Ping", [("ActionID", "1"), ("Note", "zażółć")])
    assert written == "Action: Ping\r\nActionID: 1\r\nNote: zażółć\r\n\r\n".encode()


@given(NAMES, VALUES, st.sampled_from(["\r\n\r\nAction: Originate", "\r", "\n", "\0"]), st.integers(0, 60))
def test_no_value_can_smuggle_a_header_in(name: str, value: str, smuggled: str, place: int) -> None:
    with pytest.raises(UnsafeHeader):
        action("Originate", [(name, value[:place] + smuggled + value[place:])])


@pytest.mark.parametrize("name", ["Exten\r\nApplication", "Exten: 1", "Ex\0ten", "Exten\n"])
def test_no_header_name_can_smuggle_one_in(name: str) -> None:
    with pytest.raises(UnsafeHeader):
        action("Originate", [(name, "x")])


def test_an_action_name_cannot_smuggle_one_in() -> None:
    with pytest.raises(UnsafeHeader):
        action("Ping\r\nAction: Originate")


@given(st.sampled_from("aż€𝄞"))
def test_a_line_that_asterisk_would_discard_is_not_sent(letter: str) -> None:
    room = (LONGEST_ACTION_LINE - len("Name: ") - 2) // len(letter.encode())
    assert action("Ping", [("Name", letter * room)])
    with pytest.raises(UnsafeHeader):
        action("Ping", [("Name", letter * (room + 1))])


def test_what_is_refused_is_not_shown() -> None:
    with pytest.raises(UnsafeHeader) as refusal:
        action("Originate", [("CallerID", "+48280000001\r\n")])
    assert "48280000001" not in str(refusal.value)
