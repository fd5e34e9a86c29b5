"""What the answer figures are read from: a capture gives its packets back, a wait ends at the first sound."""

import struct
from collections.abc import Iterable
from datetime import timedelta
from ipaddress import IPv4Address

import pytest

from bench.answer import waits
from bench.pcap import Datagram, datagrams
from lab.settings import Endpoint

PBX, CARRIER = IPv4Address("127.0.0.1"), IPv4Address("127.0.0.4")
SIP, SINK = Endpoint(str(CARRIER), 5060), (CARRIER, 6000)
INVITE = b"INVITE sip:x SIP/2.0\r\nCall-ID: one\r\nCSeq: 1 INVITE\r\n\r\nv=0\r\nm=audio 10000 RTP/AVP 8\r\n"
ANSWER = b"SIP/2.0 200 OK\r\nCall-ID: one\r\nCSeq: 1 INVITE\r\n\r\nv=0\r\nm=audio 6000 RTP/AVP 8\r\n"
BYE_ANSWERED = b"SIP/2.0 200 OK\r\nCall-ID: one\r\nCSeq: 2 BYE\r\n\r\n"
SILENCE, SOUND = bytes(12) + b"\xd5" * 160, bytes(12) + b"\xd5" * 80 + b"\x2a" * 80


def invite(at: float) -> Datagram:
    return Datagram(at, (PBX, 5060), (CARRIER, 5060), INVITE)


def answer(at: float, payload: bytes = ANSWER) -> Datagram:
    return Datagram(at, (CARRIER, 5060), (PBX, 5060), payload)


def rtp(at: float, payload: bytes) -> Datagram:
    return Datagram(at, (PBX, 10000), SINK, payload)


def waits_of(*packets: Datagram, warming: timedelta = timedelta(0)) -> list[float]:
    return [round(wait, 3) for wait in waits(iter(packets), SIP, warming)]


def captured(packets: Iterable[Datagram]) -> bytes:
    """The bytes that tcpdump would write."""
    written = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    for packet in packets:
        udp = struct.pack(">HHHH", packet.source[1], packet.target[1], 8 + len(packet.payload), 0) + packet.payload
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0)
        frame = bytes(14) + ip + packet.source[0].packed + packet.target[0].packed + udp
        seconds, fraction = divmod(packet.at, 1)
        written += struct.pack("<IIII", int(seconds), round(fraction * 1e6), len(frame), len(frame)) + frame
    return written


def test_the_wait_is_from_the_answer_to_the_first_sound() -> None:
    assert waits_of(invite(1.0), answer(1.001), rtp(1.003, SILENCE), rtp(1.023, SOUND), rtp(1.043, SOUND)) == [22.0]


def test_a_port_used_again_belongs_to_the_later_call() -> None:
    unheard = (invite(1.0), answer(1.1))
    assert waits_of(*unheard, invite(2.0), answer(2.1), rtp(2.15, SOUND)) == [50.0]


def test_sound_before_the_answer_and_other_answers_do_not_count() -> None:
    assert waits_of(invite(1.0), rtp(1.1, SOUND), answer(1.2, BYE_ANSWERED), rtp(1.3, SOUND)) == []


def test_calls_while_the_others_do_not_play_yet_are_left_out() -> None:
    assert waits_of(invite(1.0), answer(1.1), rtp(1.2, SOUND), warming=timedelta(seconds=4)) == []


def test_a_capture_gives_its_packets_back_but_for_one_cut_off() -> None:
    packets = [invite(1.5), answer(1.75), rtp(2.0, SOUND)]
    assert list(datagrams(captured(packets))) == packets
    assert list(datagrams(captured(packets)[:-1])) == packets[:2]


def test_a_capture_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="another kind"):
        list(datagrams(b"\x0a\x0d\x0d\x0a" + bytes(40)))
