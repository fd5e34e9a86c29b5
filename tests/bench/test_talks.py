"""Are waits read rightly from packets?"""

from ipaddress import IPv4Address

from bench.pcap import Datagram
from bench.talks import heard, waits

PBX, CARRIER, PHONE = IPv4Address("127.0.0.1"), IPv4Address("127.0.0.2"), IPv4Address("127.0.0.11")
NUMBER = "+48280000001"
INVITE = (
    f"INVITE sip:{NUMBER}@127.0.0.2 SIP/2.0\r\nCall-ID: a\r\nCSeq: 1 INVITE\r\n\r\nm=audio 10000 RTP/AVP 8".encode()
)
ANSWER = b"SIP/2.0 200 OK\r\nCall-ID: a\r\nCSeq: 1 INVITE\r\n\r\nm=audio 20000 RTP/AVP 8"
PICKED_UP = b"SIP/2.0 200 OK\r\nCall-ID: b\r\nCSeq: 1 INVITE\r\n\r\nm=audio 41000 RTP/AVP 8"
RTP = b"\x80\x08" + bytes(10)


def packet(at: float, source: tuple[IPv4Address, int], target: tuple[IPv4Address, int], payload: bytes) -> Datagram:
    return Datagram(at, source, target, payload)


def test_a_wait_runs_from_the_answer_to_the_first_sound_on_either_side() -> None:
    packets = [
        packet(1.0, (PHONE, 5060), (PBX, 5060), PICKED_UP),
        packet(1.5, (PBX, 10002), (IPv4Address("127.0.0.1"), 41000), RTP),  # of an earlier talk
        packet(2.0, (PBX, 5060), (CARRIER, 5060), INVITE),
        packet(3.0, (CARRIER, 5060), (PBX, 5060), ANSWER),
        packet(3.1, (CARRIER, 5060), (PBX, 5060), ANSWER),  # sent again
        packet(3.012, (PBX, 10000), (CARRIER, 20000), RTP),
        packet(3.020, (PBX, 10002), (IPv4Address("127.0.0.1"), 41000), RTP),
    ]
    found = heard(packets, CARRIER, frozenset({PHONE}), PBX)
    callees, agents = waits(found, [{"number": NUMBER, "agent_id": "anna"}], {"anna": PHONE})
    assert [round(each) for each in (*callees, *agents)] == [12, 20]
