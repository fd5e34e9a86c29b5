"""How does a line of the log look? One line per change of state; people's numbers masked, whoever wrote them."""

import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import structlog

from dialer.core import numbers

_SHORTEST = 9  # digits of what may be a telephone number
_NUMBER = re.compile(rf"(?<![\w.])\+?[0-9]{{{_SHORTEST},15}}(?![\w.])")
_JSON = msgspec.json.Encoder(enc_hook=repr)  # a line for every call: json.dumps would take several times as long


def masked(text: str) -> str:
    """The text with everything that may be a telephone number reduced to its last three digits."""
    return _NUMBER.sub(lambda found: numbers.masked(found[0]), text)


def set_up(log_format: str, level: str) -> None:
    """Log to standard error, as text for people or JSON for machines."""
    structlog.configure(
        processors=processors(log_format, colors=sys.stderr.isatty()),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    # Libraries speak through logging: their warnings, in the same place and masked too.
    out = logging.StreamHandler(sys.stderr)
    out.setFormatter(_Masked("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[out], force=True)


def processors(log_format: str, *, colors: bool = False) -> Iterable[Any]:
    """What makes a line of an event, one after another; the last gives the line."""
    finish: Any = (
        structlog.processors.JSONRenderer(_as_json)
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=colors)
    )
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _write_out,
        finish,
    ]


def _as_json(event: MutableMapping[str, Any], **_of_json_dumps: object) -> str:
    return _JSON.encode(event).decode()


class _Masked(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


def _write_out(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Numbers masked; moments and days as in the API, whoever reads the line."""
    for key, value in event.items():
        if isinstance(value, str):
            if len(value) >= _SHORTEST and key not in ("attempt", "timestamp"):
                event[key] = masked(value)
        elif isinstance(value, datetime):
            event[key] = value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        elif isinstance(value, date):
            event[key] = value.isoformat()
    return event
