"""What did a real Asterisk say? The captured transcripts of tests/fixtures/ami, message by message."""

from pathlib import Path

FIXTURES = Path(__file__).parents[1] / "fixtures" / "ami"
CAPTURED_ID = "0190a7c0000070008000000000000001"
BANNER = b"Asterisk Call Manager/11.0.0\r\n"


def transcript(name: str, attempt_id: str = CAPTURED_ID) -> list[bytes]:
    """The messages of one capture, told of another attempt."""
    text = (FIXTURES / f"{name}.txt").read_bytes().replace(CAPTURED_ID.encode(), attempt_id.encode())
    return [message + b"\r\n\r\n" for message in text.split(b"\r\n\r\n") if message]


def before(messages: list[bytes], what: bytes) -> list[bytes]:
    """The messages before the first that contains those bytes."""
    return messages[: _index(messages, what)]


def since(messages: list[bytes], what: bytes) -> list[bytes]:
    """That message and the ones after it."""
    return messages[_index(messages, what) :]


def _index(messages: list[bytes], what: bytes) -> int:
    return next(index for index, message in enumerate(messages) if what in message)
