from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.protocol import (
    LONGEST_COMMAND,
    AgiProtocol,
    Bounds,
    Closed,
    Event,
    Garbled,
    HangupSeen,
    Interrupted,
    Opened,
    OutOfTurnError,
    Phase,
    Reply,
    command_line,
)
from tests.support.agi_peer import USAGE, environment, words

ANSWERS = st.sampled_from(
    [
        b"200 result=0 endpos=110949\n",
        b"200 result=-1 endpos=24160\n",
        b"200 result=1 (a ) strange (value) endpos=3)\n",
        b"200 result=12 (timeout)\n",
        b"510 Invalid or unknown command\n",
        b"511 Command Not Permitted on a dead channel or intercept routine\n",
        b"520 Invalid command syntax.  Proper usage not available.\n",
        USAGE.encode(),
    ]
)
HANGUPS = st.sampled_from([b"", b"HANGUP\n", b"HANGUP\nHANGUP\n"])


def opened(bounds: Bounds | None = None) -> AgiProtocol:
    agi = AgiProtocol(bounds)
    agi.receive(environment())
    return agi


def waiting() -> AgiProtocol:
    agi = opened()
    agi.send("NOOP")
    return agi


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted({place % (len(data) + 1) for place in places}), len(data)]
    return [data[start:end] for start, end in pairwise(edges) if data[start:end]]


def hear(agi: AgiProtocol, pieces: list[bytes]) -> list[Event]:
    return [event for piece in pieces for event in agi.receive(piece)]


def test_the_environment_opens_the_connection() -> None:
    [event] = AgiProtocol().receive(environment("attempt-7", accountcode="", calleridname="Zażółć: gęślą"))
    assert isinstance(event, Opened)
    assert event.environment["agi_uniqueid"] == "attempt-7"
    assert event.environment["agi_accountcode"] == ""
    assert event.environment["agi_calleridname"] == "Zażółć: gęślą"


def test_a_name_with_a_line_break_cannot_replace_the_identity_of_the_call() -> None:
    [event] = AgiProtocol().receive(environment("attempt-7", calleridname="x\nagi_uniqueid: attempt-8"))
    assert isinstance(event, Opened)
    assert event.environment["agi_uniqueid"] == "attempt-7"


@given(st.lists(st.integers(0, 2000)))
def test_the_environment_survives_any_split(places: list[int]) -> None:
    data = environment(calleridname="Gęśla Jaźń")
    assert hear(AgiProtocol(), cut(data, places)) == AgiProtocol().receive(data)


@given(st.lists(st.tuples(HANGUPS, ANSWERS, HANGUPS), min_size=1, max_size=5), st.lists(st.integers(0, 2000)))
def test_no_split_and_no_hangup_shifts_an_answer(
    exchanges: list[tuple[bytes, bytes, bytes]], places: list[int]
) -> None:
    agi = opened()
    for before, answer, after in exchanges:
        agi.send("NOOP")
        replies = [event for event in hear(agi, cut(before + answer + after, places)) if isinstance(event, Reply)]
        assert replies == waiting().receive(answer)
        assert agi.phase is Phase.IDLE


@given(st.binary(max_size=300), st.lists(st.integers(0, 300)), st.sampled_from([AgiProtocol, opened, waiting]))
def test_whatever_a_peer_sends_is_an_event_and_never_an_exception(
    noise: bytes, places: list[int], start: type[AgiProtocol]
) -> None:
    whole, pieces = start(), start()
    one, many = whole.receive(noise or b"\n"), hear(pieces, cut(noise or b"\n", places))
    assert [type(event) for event in one] == [type(event) for event in many]
    assert whole.phase is pieces.phase


def test_the_position_in_a_file_is_told_in_samples() -> None:
    [reply] = waiting().receive(b"200 result=-1 endpos=24160\n")
    assert reply == Reply(200, "-1", "", 24160)
    assert isinstance(reply, Reply)
    assert reply.position == timedelta(seconds=3, milliseconds=20)


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        (b"200 result=0", Reply(200, "0", "")),
        (b"200 result=0\r", Reply(200, "0", "")),
        (b"200 result=0 endpos=-1", Reply(200, "0", "", -1)),
        (b"200 result=1 (abc)", Reply(200, "1", "abc")),
        (b"200 result=1 ()", Reply(200, "1", "")),
        (b"200 result=1 (x) endpos=9)", Reply(200, "1", "x) endpos=9")),
        (b"200 result=1 (digit) digit=5 endpos=160", Reply(200, "1", "digit", 160)),
        (b"200 result= (timeout)", Reply(200, "", "timeout")),
        (b"200 result=007", Reply(200, "007", "")),
        (b"510 Invalid or unknown command", Reply(510, "", "Invalid or unknown command")),
    ],
)
def test_answers_are_read_as_res_agi_writes_them(line: bytes, reply: Reply) -> None:
    assert waiting().receive(line + b"\n") == [reply]


def test_a_usage_answer_is_one_answer_to_its_last_line() -> None:
    agi = waiting()
    [reply] = agi.receive(USAGE.encode())
    assert isinstance(reply, Reply)
    assert reply.code == 520
    assert "STREAM FILE" in reply.data
    agi.send("NOOP")
    assert agi.receive(b"200 result=0\n") == [Reply(200, "0", "")]


def test_a_hangup_answers_nothing() -> None:
    agi = waiting()
    assert agi.receive(b"HANGUP\n") == [HangupSeen()]
    assert agi.phase is Phase.WAITING
    assert agi.receive(b"511 Command Not Permitted\n") == [Reply(511, "", "Command Not Permitted")]


@pytest.mark.parametrize(
    "line", [b"200 result=1 (first line", b"hello", b"", b"200", b"2000 result=0", b"200 ok", b"099 no"]
)
def test_what_is_no_answer_ends_the_connection(line: bytes) -> None:
    agi = waiting()
    [event] = agi.receive(line + b"\n200 result=0\n")
    assert isinstance(event, Garbled)
    assert agi.phase is Phase.CLOSED


def test_an_answer_nobody_asked_for_ends_the_connection() -> None:
    assert opened().receive(b"200 result=0\n") == [Garbled("an answer nobody asked for")]


@pytest.mark.parametrize(
    "probe",
    [
        b"G",
        b"GET / HTTP/1.1\r\n",
        b"\x16\x03\x01",
        b"\n",
        b"\r\n",
        b"ag\n",
        b"\r\r\n",
        b"agi_network: yes\nHost: x\n\n",
    ],
)
def test_a_probe_is_recognised_by_its_first_bytes(probe: bytes) -> None:
    [event] = AgiProtocol().receive(probe)
    assert isinstance(event, Garbled)


@pytest.mark.parametrize(
    ("flood", "reason"),
    [
        (b"agi_a: " + b"x" * 17_000, "header too long"),
        (b"agi_a: " + b"x" * 17_000 + b"\n\n", "header too long"),
        (b"".join(b"agi_%d: " % n + b"x" * 4000 + b"\n" for n in range(5)), "header too long"),
        (b"".join(b"agi_%d: x\n" % n for n in range(161)) + b"\n", "too many header lines"),
    ],
)
def test_a_header_without_end_is_not_kept(flood: bytes, reason: str) -> None:
    agi = AgiProtocol()
    assert agi.receive(flood) == [Garbled(reason)]
    assert agi.receive(b"more") == []


@pytest.mark.parametrize("flood", [b"x" * 8193, b"x" * 8193 + b"\n", b"520-" + b"x\n" * 20 + b"y" * 8193])
def test_an_answer_without_end_is_not_kept(flood: bytes) -> None:
    assert waiting().receive(flood) == [Garbled("line too long")]


def test_a_usage_answer_without_end_is_not_kept() -> None:
    assert waiting().receive(b"520-Usage\n" + (b"x" * 4000 + b"\n") * 5) == [Garbled("usage too long")]


def test_the_end_of_the_stream_is_told_once() -> None:
    agi = waiting()
    assert agi.receive(b"200 res") == []
    assert agi.receive(b"") == [Closed()]
    assert agi.receive(b"") == []


def test_nothing_is_said_out_of_turn() -> None:
    closed = opened()
    closed.receive(b"")
    for agi in (AgiProtocol(), waiting(), closed):
        with pytest.raises(OutOfTurnError):
            agi.send("NOOP")


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=20), max_size=6)
)
def test_arguments_arrive_as_they_were_meant(arguments: list[str]) -> None:
    line = command_line("EXEC", *arguments).decode()
    assert line.count("\n") == 1
    assert words(line.removesuffix("\n")) == ["EXEC", *arguments]


@pytest.mark.parametrize("evil", ["a\nHANGUP", "a\rb", "a\0b"])
def test_an_argument_cannot_become_a_command(evil: str) -> None:
    agi = opened()
    with pytest.raises(ValueError, match="argument 1 of NOOP"):
        agi.send("NOOP", evil)
    assert agi.phase is Phase.IDLE


@pytest.mark.parametrize("verb", ["", "noop", "NOOP\n", "NOOP x", " NOOP"])
def test_a_verb_is_a_verb(verb: str) -> None:
    with pytest.raises(ValueError, match="not an AGI verb"):
        command_line(verb)


def test_a_command_is_no_longer_than_asterisk_reads_at_once() -> None:
    room = LONGEST_COMMAND - len('NOOP ""')
    assert len(command_line("NOOP", "x" * room)) == LONGEST_COMMAND + 1
    with pytest.raises(ValueError, match="bytes long"):
        command_line("NOOP", "x" * (room + 1))
    with pytest.raises(ValueError, match="arguments"):
        command_line("NOOP", *["x"] * 121)


ENDED = Reply(200, "0", "", endpos=94720)
THERE = Reply(200, "6", "")
THERE_LINE, ENDED_LINE = b"200 result=6\n", b"200 result=0 endpos=94720\n"


def interrupting(times: int = 1) -> AgiProtocol:
    agi = waiting()
    for _ in range(times):
        assert agi.interrupt() == b"CHANNEL STATUS\n"
    return agi


def test_an_interrupted_file_has_no_answer_of_its_own() -> None:
    agi = interrupting()
    assert agi.receive(THERE_LINE) == [Interrupted(THERE)]
    assert agi.send("NOOP")


def test_a_file_that_ended_by_itself_before_the_interruption_arrived_has_the_word() -> None:
    assert interrupting().receive(ENDED_LINE + THERE_LINE) == [Interrupted(ENDED)]


@given(st.integers(1, 4), st.booleans(), st.lists(st.integers(0, 200)))
def test_every_question_is_answered_before_anything_else_is_said(asked: int, ended: bool, places: list[int]) -> None:
    agi = interrupting(asked)
    pieces = cut(ended * ENDED_LINE + asked * THERE_LINE, places)
    for piece in pieces[:-1]:
        assert agi.receive(piece) == []
        with pytest.raises(OutOfTurnError):
            agi.send("NOOP")
    assert agi.receive(pieces[-1]) == [Interrupted(ENDED if ended else THERE)]
    assert agi.phase is Phase.IDLE


def test_after_a_refusal_no_further_answer_is_waited_for() -> None:
    dead = b"511 Command Not Permitted on a dead channel or intercept routine\n"
    [event] = interrupting(times=2).receive(dead)
    assert isinstance(event, Interrupted)
    assert event.reply.code == 511


def test_only_what_is_under_way_can_be_interrupted() -> None:
    with pytest.raises(OutOfTurnError, match="nothing to interrupt"):
        opened().interrupt()
    with pytest.raises(OutOfTurnError, match="nothing to interrupt"):
        AgiProtocol().interrupt()
