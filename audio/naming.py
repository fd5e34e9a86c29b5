"""In which language is a message, by its name alone?

Whoever answers is greeted in the language of the message, and a farewell is said in it. The name is all that is known
of a message then, also after a restart.
"""

from audio.grammar import Language

_MARK = "-"


def named(language: Language, key: str) -> str:
    """A message's key that tells its language; as long as any other key."""
    mark = f"{language}{_MARK}"
    return f"{mark}{key[: -len(mark)]}"


def language_of(message_key: str) -> Language | None:
    """None: the key does not tell, the message is in its campaign's own language."""
    code, mark, _ = message_key.partition(_MARK)
    return Language(code) if mark and code in set(Language) else None
