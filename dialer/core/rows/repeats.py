"""Did this list name the same case before?"""

from dataclasses import replace

from dialer.core.codes import Code
from dialer.core.rows.verdicts import RowVerdict, Status


class Repeats:
    """The cases one batch has named so far: the first stored row of a case wins.

    A refused row claims nothing, so that a corrected one may follow it in the same list. Equal means equal
    in what was read, not in how it was written. Keeps a fingerprint per case, not the case.
    """

    def __init__(self) -> None:
        self._fingerprints: dict[tuple[str, str], int] = {}

    def judge(self, verdict: RowVerdict) -> RowVerdict:
        """The same verdict, or that of a repeat: D_IDENTICAL, E_DUPLICATE_CONFLICT."""
        if verdict.case is None:
            return verdict
        fingerprint = hash((verdict.case, verdict.numbers))
        named = (verdict.case.client_id, verdict.case.case_id)
        first = self._fingerprints.get(named)
        if first is None:
            self._fingerprints[named] = fingerprint
            return verdict
        if first == fingerprint:
            return _refused(verdict, Status.DUPLICATE, Code.D_IDENTICAL)
        return _refused(verdict, Status.REJECTED, Code.E_DUPLICATE_CONFLICT)


def _refused(verdict: RowVerdict, status: Status, code: Code) -> RowVerdict:
    return replace(verdict, status=status, codes=(code,), numbers=(), case=None)
