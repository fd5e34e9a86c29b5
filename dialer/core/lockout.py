"""After how many failures does nobody come in under a name, and for how long?"""

from datetime import timedelta

FREE = 5  # failures in a row that cost nothing: people mistype
FIRST = timedelta(minutes=1)
LONGEST = timedelta(hours=1)


def locked_for(failures: int) -> timedelta:
    """Each failure beyond those that are free doubles it; the count begins anew with a success."""
    beyond = failures - FREE
    return min(FIRST * 2 ** min(beyond, 10), LONGEST) if beyond >= 0 else timedelta()
