"""Is what callees heard read rightly from packets and recordings?"""

from ipaddress import IPv4Address

import numpy as np

from bench.heard import FRAME, best_fit, sent
from bench.pcap import Datagram

PBX, CARRIER = IPv4Address("127.0.0.1"), IPv4Address("127.0.0.2")
NUMBER = "+48280000001"
INVITE = (
    f"INVITE sip:{NUMBER}@127.0.0.2 SIP/2.0\r\nCall-ID: a\r\nCSeq: 1 INVITE\r\n\r\nm=audio 10000 RTP/AVP 8".encode()
)
ANSWER = b"SIP/2.0 200 OK\r\nCall-ID: a\r\nCSeq: 1 INVITE\r\n\r\nm=audio 20000 RTP/AVP 8"
RTP = b"\x80\x08" + bytes(10)
SILENT, FIRST, SECOND = b"\xd5" * 160, b"\x01" * 320, b"\x02" * 160


def call(*sound: tuple[float, bytes]) -> list[Datagram]:
    return [
        Datagram(1.0, (PBX, 5060), (CARRIER, 5060), INVITE),
        Datagram(2.0, (CARRIER, 5060), (PBX, 5060), ANSWER),
        Datagram(2.3, (CARRIER, 5060), (PBX, 5060), ANSWER),  # sent again
        *(Datagram(at, (PBX, 10000), (CARRIER, 20000), RTP + payload) for at, payload in sound),
    ]


def test_the_wait_is_over_with_the_first_packet_that_is_no_silence() -> None:
    heard = sent(call((2.01, SILENT), (2.03, FIRST)), CARRIER, PBX)[NUMBER]

    assert heard.wait is not None
    assert round(heard.wait) == 30
    assert sent(call((2.01, SILENT)), CARRIER, PBX)[NUMBER].wait is None


def test_a_clip_that_begins_late_is_a_gap() -> None:
    heard = sent(call((2.0, FIRST[:160]), (2.02, FIRST[160:]), (2.02 + FRAME + 0.05, SECOND)), CARRIER, PBX)[NUMBER]

    assert [round(each) for each in heard.pauses_before([FIRST, SECOND])] == [50]


def test_a_clip_that_was_not_sent_whole_is_missing() -> None:
    heard = sent(call((2.0, FIRST[:160]), (2.02, SECOND)), CARRIER, PBX)[NUMBER]

    assert heard.places([FIRST, SECOND]) == [None, 160]


def test_a_clip_is_found_where_it_lies_in_a_recording() -> None:
    noise = np.random.default_rng(1).normal(size=4000)
    alike, begin = best_fit(noise, noise[1000:2000])

    assert (round(alike, 6), begin) == (1.0, 1000)
    assert best_fit(noise, np.random.default_rng(2).normal(size=1000))[0] < 0.3
    assert best_fit(noise[:10], noise) == (0.0, 0)
