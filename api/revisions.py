"""Which revision of a thing has the sender of a change seen?"""

from http import HTTPStatus

from aiohttp import web

from api.operations import seen_tag
from api.problems import Problem

MAY_BE_EXPECTED = {
    "If-Match": "the ETag that was read: refuses to overwrite somebody else's change",
    "If-None-Match": "* creates only",
}


def expected_revision(request: web.Request, of: str) -> int | None:
    """The revision that the sender saw; 0: none, it is to be created; None: whatever it is.

    Raises Problem for an ETag that none of them has; ``of`` names what they are of, as in "a campaign".
    """
    if request.headers.get("If-None-Match", "").strip() == "*":
        return 0
    tag = seen_tag(request)
    if tag is None:
        return None
    if not tag.isascii() or not tag.isdecimal() or len(tag) > 9:
        raise Problem(HTTPStatus.PRECONDITION_FAILED, f"If-Match is no ETag of {of}: send the one that was read")
    return int(tag)
