"""From where is a change ordered?

Who orders it is an argument of every change (``actor``). From where it came is of no concern to what is decided, and is
only written down beside it; so it accompanies the running task, as a request's id accompanies the lines of the log.
"""

from contextvars import ContextVar

ORIGIN: ContextVar[str] = ContextVar("origin", default="engine")
"""A network address, or USER@MACHINE of a command; "engine": nobody outside."""
