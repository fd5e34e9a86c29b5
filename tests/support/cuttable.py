"""A TCP relay on loopback that can be cut, or fall silent, as real networks do."""

from __future__ import annotations

import re
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from lab.settings import Endpoint

ORIGINATE = re.compile(rb"Action: Originate\r\nActionID: ([0-9a-f]+)\r\n")
CHUNK = 65536


class CuttableLink:
    """Relays to the target. ``originates`` counts, by their ActionID, the calls that were asked for through it."""

    def __init__(self, target: Endpoint) -> None:
        self.originates: Counter[str] = Counter()
        self._target = target
        self._forth, self._back = threading.Event(), threading.Event()  # set: what is sent arrives
        self._is_cut = False
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server((target.host, 0))
        self.endpoint = Endpoint(*self._listener.getsockname())
        self._threads: list[threading.Thread] = []
        self.mend()
        self._run(self._accept)

    def cut(self) -> None:
        """Every connection is lost, and new ones too."""
        self._is_cut = True
        with self._lock:
            for connection in self._open:
                _break(connection)

    def fall_silent(self) -> None:
        """Half-open: the connection stands, but nothing arrives in either direction."""
        self._forth.clear()
        self._back.clear()

    def silence_answers(self) -> None:
        """What the engine asks arrives; what it would be told does not."""
        self._back.clear()

    def mend(self) -> None:
        self._is_cut = False
        self._forth.set()
        self._back.set()

    def close(self) -> None:
        """Ends every thread and connection."""
        _break(self._listener)
        self.cut()
        self._forth.set()
        self._back.set()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed: the test is over
            while True:
                near, _ = self._listener.accept()
                if self._is_cut:
                    _break(near)
                    near.close()
                    continue
                self._relay(near)

    def _relay(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection((self._target.host, self._target.port), 5)
        except OSError:
            near.close()
            return
        far.settimeout(None)
        with self._lock:
            self._open |= {near, far}
        for source, drain, gate in ((near, far, self._forth), (far, near, self._back)):
            self._run(self._pump, source, drain, gate)

    def _run(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _pump(self, source: socket.socket, drain: socket.socket, gate: threading.Event) -> None:
        seen = b""
        with suppress(OSError):  # cut
            while data := source.recv(CHUNK):
                gate.wait()
                drain.sendall(data)
                if gate is self._forth:
                    seen = self._count(seen + data)
        _break(source)
        _break(drain)  # which ends its own pump, too
        with self._lock:
            self._open.discard(source)
        source.close()

    def _count(self, seen: bytes) -> bytes:
        """Count what is whole; answers what may be the beginning of more."""
        whole, end, rest = seen.rpartition(b"\r\n\r\n")
        self.originates.update(found.decode() for found in ORIGINATE.findall(whole + end))
        return rest


@contextmanager
def cuttable_link(target: Endpoint) -> Iterator[CuttableLink]:
    link = CuttableLink(target)
    try:
        yield link
    finally:
        link.close()


def _break(connection: socket.socket) -> None:
    with suppress(OSError):  # broken already
        connection.shutdown(socket.SHUT_RDWR)
