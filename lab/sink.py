"""Where does the load carrier's audio go? Into sockets that nobody reads: the kernel drops it, at no cost to anyone.

Run as `python -m lab.sink HOST PORT`; without it every RTP packet would come back as an ICMP error.
"""

from __future__ import annotations

import signal
import socket
import sys


def main(host: str, port: int) -> None:
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in ("rtp", "rtcp")]
    for offset, opened in enumerate(sockets):
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        opened.bind((host, port + offset))
    signal.pause()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
