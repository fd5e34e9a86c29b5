"""What becomes of a row that names a case which an earlier row of its list has named?"""

from dialer.core.codes import Code
from dialer.core.rows.verdicts import Status


def repeated(*, says_the_same: bool) -> tuple[Status, Code]:
    """Its verdict: the first stored row of a case wins.

    A refused row claims nothing, so that a corrected one may follow it in the same list. The same means equal in what
    was read, not in how it was written.
    """
    return (Status.DUPLICATE, Code.D_IDENTICAL) if says_the_same else (Status.REJECTED, Code.E_DUPLICATE_CONFLICT)
