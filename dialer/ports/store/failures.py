"""How can a unit of work fail?"""


class StoreFailed(Exception):
    """The database could not do its work now; nothing was changed. Trying again may help."""


class Conflict(Exception):
    """What is to be changed has changed meanwhile, or exists with other content."""


class Overtaken(Conflict):
    """Somebody else has changed it since it was read."""
