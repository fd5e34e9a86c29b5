"""What went over the wire, and when? Reads a capture of UDP packets on loopback (libpcap's classic format)."""

import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

_HEADER = struct.Struct("<IHHiIII")
_RECORD = struct.Struct("<IIII")
_MAGIC = 0xA1B2C3D4  # moments in microseconds
_LINK = 14  # bytes of Ethernet before each packet: loopback looks like Ethernet (LINKTYPE_ETHERNET, 1)
_UDP = 17


@dataclass(frozen=True, slots=True)
class Datagram:
    """One UDP packet; ``at`` is s since 1970."""

    at: float
    source: tuple[IPv4Address, int]
    target: tuple[IPv4Address, int]
    payload: bytes


@contextmanager
def capturing(file: Path, what: str) -> Iterator[None]:
    """Write the packets of loopback that the filter lets through into the file; it is whole when this ends."""
    # -U: at once; -B: 32 MiB of buffer, so that nothing is lost while others are busy.
    command = ["tcpdump", "-i", "lo", "-U", "-B", "32768", "-s", "1600", "-w", str(file), what]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as capture:
        assert capture.stderr is not None
        if not any("listening on" in line for line in capture.stderr):
            raise RuntimeError("tcpdump did not start: it needs root")
        try:
            yield
        finally:
            time.sleep(0.5)  # what is still in the kernel's buffer
            capture.terminate()


def datagrams(capture: bytes) -> Iterator[Datagram]:
    """Every UDP packet of a capture, in order; a record that was cut off at the end is left out."""
    magic, _, _, _, _, _, network = _HEADER.unpack_from(capture)
    if magic != _MAGIC or network != 1:
        raise ValueError(f"a capture of another kind: magic {magic:#x}, link type {network}")
    at = _HEADER.size
    while at + _RECORD.size <= len(capture):
        seconds, microseconds, kept, _ = _RECORD.unpack_from(capture, at)
        at += _RECORD.size + kept
        if at > len(capture):
            return
        if (found := _datagram(seconds + microseconds / 1e6, capture[at - kept + _LINK : at])) is not None:
            yield found


def _datagram(at: float, packet: bytes) -> Datagram | None:
    if len(packet) < 28 or packet[0] >> 4 != 4 or packet[9] != _UDP:
        return None
    begin = (packet[0] & 15) * 4
    source, target = struct.unpack_from(">HH", packet, begin)
    return Datagram(at, (IPv4Address(packet[12:16]), source), (IPv4Address(packet[16:20]), target), packet[begin + 8 :])
