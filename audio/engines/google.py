"""How does Google Translate speak? Over the internet, so only what is the same for every debtor.

gTTS packs the text into requests and nothing more: its own sending does not check whom it talks to (verify=False), and
leaves an empty file behind when it fails. Both happen here instead: certificates are checked, an answer is read whole,
decoded and only then handed on.
"""

import base64
import binascii
import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from audio.engines.command import LONGEST, read_sound
from audio.speech import Sound, SpeechFailed, unspoken

ENDPOINT = "https://translate.google.com/_/TranslateWebserverUi/data/batchexecute"
_INSTALL = "install it: pip install 'dzwonek[online]'"
_LARGEST = 4 << 20  # bytes of one answer
_SPOKEN = re.compile(rb'jQ1olc","\[\\"([A-Za-z0-9+/=]+)\\"')


class GoogleTranslate:
    """Online, off by default: a debtor's name or debt never leaves the machine."""

    name = "gtts"
    is_online = True

    def __init__(self, *, language: str = "pl", endpoint: str = ENDPOINT, time_limit: timedelta = LONGEST) -> None:
        self._language = language
        self._endpoint = endpoint
        self._time_limit = time_limit

    @property
    def voice(self) -> str:
        return self._language

    @property
    def version(self) -> str:
        """Of gTTS; which voice Google has today is not told."""
        try:
            return version("gTTS")
        except PackageNotFoundError as reason:
            raise SpeechFailed(f"gTTS is not installed: {_INSTALL}") from reason

    def synthesise(self, text: str) -> Sound:
        """The spoken text; SpeechFailed if the internet, or its answer, is not there."""
        parts = [read_sound(self._spoken(request), self.name) for request in self._requests(text)]
        return Sound(np.concatenate([part.samples for part in parts]), parts[0].rate)

    def check(self) -> str | None:
        """What is missing: the package, or the internet."""
        return unspoken(self.synthesise)

    def _requests(self, text: str) -> Iterator[bytes]:
        """One for each hundred characters or so."""
        _ = self.version
        from gtts import gTTS  # noqa: PLC0415 - an optional package, and slow to load

        for body in gTTS(text, lang=self._language, lang_check=False).get_bodies():
            yield body.encode() if isinstance(body, str) else body

    def _spoken(self, body: bytes) -> bytes:
        request = urllib.request.Request(  # noqa: S310 - the address is the operator's
            self._endpoint, body, {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}
        )
        try:
            with urllib.request.urlopen(request, timeout=self._time_limit.total_seconds()) as answer:  # noqa: S310
                told = answer.read(_LARGEST)
        except (urllib.error.URLError, http.client.HTTPException, OSError) as reason:
            why = getattr(reason, "reason", None) or reason
            raise SpeechFailed(
                f"gtts does not answer ({why}): it needs the internet, or choose another voice"
            ) from reason
        found = _SPOKEN.search(told)
        try:
            spoken = base64.b64decode(found[1], validate=True) if found else b""
        except binascii.Error as reason:
            raise SpeechFailed("gtts answered with a broken sound") from reason
        if not spoken:
            raise SpeechFailed("gtts answered without a sound: its protocol may have changed, choose another voice")
        return spoken
