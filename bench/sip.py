"""What do the SIP messages of a capture say?"""

import re

_CALLED = re.compile(rb"^INVITE sip:(\+?[0-9]+)@")
_CALL_ID = re.compile(rb"(?im)^call-id:\s*(\S+)")
_CSEQ = re.compile(rb"(?im)^cseq:\s*\d+\s+INVITE")
_MEDIA = re.compile(rb"(?m)^m=audio (\d+)")


def called(message: bytes) -> str | None:
    """The number that an INVITE asks for; None for any other message."""
    found = _CALLED.match(message)
    return found[1].decode() if found else None


def is_answer(message: bytes) -> bool:
    """Whether it says that an INVITE was answered."""
    return message.startswith(b"SIP/2.0 200") and _CSEQ.search(message) is not None


def call_id(message: bytes) -> bytes:
    return _group(_CALL_ID, message)


def media_port(message: bytes) -> int:
    """Where its sender wants the sound."""
    return int(_group(_MEDIA, message))


def _group(pattern: re.Pattern[bytes], text: bytes) -> bytes:
    found = pattern.search(text)
    if found is None:
        raise ValueError(f"a SIP message without {pattern.pattern!r}")
    return found[1]
