"""What comes to an ear from now on, by a recording that is still being written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np

from lab import hearing
from lab.process import wait_until

SOON = timedelta(seconds=15)
SAMPLE = 2  # bytes
SPAN = 2 * hearing.RATE  # samples listened to
SETTLES = hearing.RATE  # samples that may be from before a change


class Growing:
    """The recording may not be there yet when it is first asked for."""

    def __init__(self, file: Callable[[], Path]) -> None:
        self._file = file

    def next(self) -> hearing.Samples:
        """Two seconds that begin a second from now."""
        assert wait_until(self._is_there, SOON)
        first = self._samples() + SETTLES
        assert wait_until(lambda: self._samples() >= first + SPAN, SOON), "nothing comes any more"
        heard = self._read()[first : first + SPAN]
        return np.asarray(heard[heard != 0])

    def share_that_came(self) -> float:
        """Of all samples since the first. Where no frame came in time, the recorder puts zeros; A-law has none."""
        heard = self._read()
        heard = heard[np.flatnonzero(heard)[0] :]
        return float(np.mean(heard != 0))

    def _is_there(self) -> bool:
        try:
            return self._file().exists()
        except IndexError:
            return False

    def _samples(self) -> int:
        return max(self._file().stat().st_size - hearing.HEAD, 0) // SAMPLE

    def _read(self) -> hearing.Samples:
        # The head tells the length only when the recording has ended.
        samples = np.frombuffer(
            self._file().read_bytes()[hearing.HEAD : hearing.HEAD + self._samples() * SAMPLE], "<i2"
        )
        return np.asarray(samples / float(1 << 15), dtype=np.float64)
