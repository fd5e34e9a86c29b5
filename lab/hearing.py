"""Did the callee hear this message, and not just some sound?

The recording at the carrier is laid over the synthesised audio where they fit best. From the piece that is surest to be
there the others are looked for one after the other, each from where the last one was found: a machine that is too busy
loses frames, or stalls for a while, and all that follows is shifted. So much is forgiven everywhere, for how smoothly a
busy machine plays is another question. A passage that is missing is not, be the message ever so long: those of two
debtors differ in little more than a name and a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from lab.process import wait_until

RATE = 8000
HEAD = 44  # bytes before the samples of a WAV file; the last four of them tell its length
ENDS_WITHIN = timedelta(seconds=3)  # after the call
FRAME = RATE // 50  # samples that are lost at a time
PIECE = RATE // 16  # samples compared at a time: longer ones are spoilt more often, shorter ones are found anywhere
SLIP = RATE // 2  # samples by which a piece may lie off its place after the one before: a stall between the two
PASSAGE = RATE  # samples of which a part may be spoilt: a name is hardly longer
ALIKE = 0.97  # correlation of the same piece; A-law there and back leaves 0.999
HEARD = 0.4  # share of a passage; 0.5 to 1 when the machine has twelve times its load, 0 if name and number differ
NEARLY_ALIKE = 0.9  # where frames may have been lost on either side
QUIET = 1e-3  # energy of two pieces that are silent
TONE_SHARE = 0.05  # of the power of all that is heard: a tone beside two others has a third
TONE_SPILLS = 60  # Hz to either side: where it begins and ends
TONE_WIDTH = 15  # Hz to either side: frames that come late break a tone
SILENT = 0.01  # of full scale: a piece that is no louder tells nothing

Samples = NDArray[np.float64]


def recording(path: Path) -> Samples:
    """What came to the carrier by its recording, 8 kHz WAV. One whose call has just ended is waited for."""
    wait_until(lambda: _is_ended(path), ENDS_WITHIN)
    samples, rate = soundfile.read(path, dtype="float64")
    if rate != RATE:
        raise ValueError(f"{path} has {rate} samples per second, not {RATE}")
    # Where no frame came in time, the recorder puts zeros; A-law has none, not even for silence.
    return np.asarray(samples[samples != 0])


def _is_ended(path: Path) -> bool:
    """Its head tells a length; the recorder writes it after the end of the call, on a thread of its own."""
    with path.open("rb") as file:
        return int.from_bytes(file.read(HEAD)[-4:], "little") > 0


def message(*paths: Path) -> Samples:
    """Rendered phrases (raw A-law), one after the other."""
    return np.concatenate([_alaw(path) for path in paths])


def share_heard(heard: Samples, spoken: Samples) -> float:
    """How much is in the recording of that passage of the message of which least is: 0 to 1."""
    found = _found(heard, spoken)
    if not any(found):
        return 0.0
    passage = min(len(found), PASSAGE // PIECE)
    return float(np.min(np.convolve(found, np.ones(passage), "valid"))) / passage


def begins_at(heard: Samples, spoken: Samples) -> int:
    """Where the message begins in the recording, were it all there."""
    size = 1 << (len(heard) + len(spoken)).bit_length()
    overlaps = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(spoken, size)), size)
    return int(np.argmax(overlaps[: len(heard)]))


def times_heard(heard: Samples, spoken: Samples) -> int:
    """How often the loudest piece of what was spoken is in the recording."""
    loudest = max(range(0, len(spoken) - PIECE, PIECE), key=lambda at: float(np.sum(spoken[at : at + PIECE] ** 2)))
    piece = spoken[loudest : loudest + PIECE]
    size = 1 << (len(heard) + PIECE).bit_length()
    products = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(piece, size)), size)[: len(heard) - PIECE]
    energies = np.convolve(heard**2, np.ones(PIECE), "valid")[: len(products)] * np.sum(piece**2)
    alike = np.flatnonzero(products >= NEARLY_ALIKE * np.sqrt(np.maximum(energies, QUIET)))
    return 0 if not len(alike) else 1 + int(np.sum(np.diff(alike) > PIECE))


def loudest_tone(heard: Samples, hertz: Sequence[int]) -> int | None:
    """Which of these tones fills most of the recording; None: none of them is half of what is heard."""
    share = _shares(heard, hertz)
    best = max(hertz, key=lambda tone: share[tone])
    return best if share[best] > 0.5 else None


def tones(heard: Samples, hertz: Sequence[int]) -> set[int]:
    """Those of these tones that can be heard, each beside the others."""
    return {tone for tone, share in _shares(heard, hertz).items() if share > TONE_SHARE}


def without(heard: Samples, *hertz: int) -> Samples:
    """What is heard beside these tones."""
    spectrum = np.fft.rfft(heard)
    frequencies = np.fft.rfftfreq(len(heard), 1 / RATE)
    for tone in hertz:
        spectrum[np.abs(frequencies - tone) < TONE_SPILLS] = 0
    return np.asarray(np.fft.irfft(spectrum, len(heard)))


def _shares(heard: Samples, hertz: Sequence[int]) -> dict[int, float]:
    """How much of the power of all that is heard each of these tones has; 0 to 1."""
    power = np.abs(np.fft.rfft(heard)) ** 2
    width = max(1, round(TONE_WIDTH * len(heard) / RATE))
    whole = max(float(np.sum(power[1:])), float(np.finfo(np.float64).tiny))
    at = {tone: round(tone * len(heard) / RATE) for tone in hertz}
    return {tone: float(np.sum(power[max(0, place - width) : place + width + 1])) / whole for tone, place in at.items()}


def _found(heard: Samples, spoken: Samples) -> list[bool]:
    """Of each audible piece of the message whether it is in the recording, in its order."""
    cut = [(at, spoken[at : at + PIECE]) for at in range(0, max(1, len(spoken) - PIECE + 1), PIECE)]
    pieces = [(at, piece) for at, piece in cut if np.max(np.abs(piece), initial=0) > SILENT]
    if not len(heard) or not pieces:
        return []
    begin = begins_at(heard, spoken)
    fits = [_best_fit(heard, piece, begin + at - FRAME, begin + at + FRAME) for at, piece in pieces]
    surest = max(range(len(fits)), key=lambda index: fits[index])
    alike, place = fits[surest]
    if alike < ALIKE:
        return []
    # What comes before it is what comes after it when both are played backwards.
    backwards = [(-at, piece[::-1]) for at, piece in reversed(pieces[: surest + 1])]
    before = list(_follow(heard[::-1], backwards, len(heard) - place - len(pieces[surest][1])))
    return [*reversed(before), True, *_follow(heard, pieces[surest:], place)]


def _follow(heard: Samples, pieces: Sequence[tuple[int, Samples]], place: int) -> Iterator[bool]:
    """Whether each piece is after the one before it, given where the first is."""
    at, piece = pieces[0]
    slip, end = place - at, place + len(piece)
    for at, piece in pieces[1:]:
        found = _place(heard, piece, at + slip, end - FRAME)  # the one before may have lost its last frame
        if found is not None:
            slip, end = found - at, found + len(piece)
        yield found is not None


def _place(heard: Samples, piece: Samples, nominal: int, earliest: int) -> int | None:
    """Where the piece is, near its nominal place or else as far from it as a stall may bring it."""
    for reach in (FRAME, SLIP):
        alike, place = _best_fit(heard, piece, max(earliest, nominal - reach), nominal + reach)
        if alike >= ALIKE:
            return place
    return None


def _best_fit(heard: Samples, piece: Samples, first: int, last: int) -> tuple[float, int]:
    """How alike the recording is to the piece where it is most, if that begins between the two, and where."""
    first = max(first, 0)
    around = heard[first : max(last + len(piece), 0)]
    if len(around) < len(piece):
        return 0.0, first
    products = np.correlate(around, piece, "valid")
    energies = np.convolve(around**2, np.ones(len(piece)), "valid") * np.sum(piece**2)
    alike = products / np.sqrt(np.maximum(energies, np.finfo(np.float64).tiny))
    best = int(np.argmax(alike))
    return float(alike[best]), first + best


def _alaw(path: Path) -> Samples:
    samples, _ = soundfile.read(path, dtype="float64", samplerate=RATE, channels=1, format="RAW", subtype="ALAW")
    return np.asarray(samples)
