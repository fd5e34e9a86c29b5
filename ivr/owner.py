"""What does whoever runs the server want with a call? What breaks there ends its own call and no other."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from ivr.limits import Counts
from ivr.request import Request
from ivr.session import NOTHING, Act, EndedBy, HangUp, Happening, How, Outcome, Script, Session

Find = Callable[[Request], Script | None]
Report = Callable[[Request, Outcome], None]
Acted = Callable[[Request, Act], None]

UNKNOWN = Outcome(NOTHING, NOTHING, How.NONE, EndedBy.FAILURE)  # what a broken script leaves behind

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Owner:
    find: Find
    report: Report
    acted: Acted
    counts: Counts

    def begin(self, request: Request) -> tuple[Session, Act] | None:
        """The session that the call is for and its first act; None: it is for none."""
        try:
            script = self.find(request)
            if script:
                return script.begin()
        except Exception:
            self._note_broken("find", request)
            return None
        self.counts.unknown += 1
        log.info("agi_unknown", route=request.route[:80], attempt=request.uniqueid)
        return None

    def decide(self, session: Session, happening: Happening, request: Request) -> tuple[Session, Act]:
        """What follows for the session; the end, if it breaks."""
        try:
            return session.after(happening)
        except Exception:
            self._note_broken("session", request)
            return session, HangUp(UNKNOWN)

    def note(self, request: Request, act: Act) -> None:
        try:
            self.acted(request, act)
        except Exception:
            self._note_broken("acted", request)

    def over(self, request: Request, outcome: Outcome) -> None:
        try:
            self.report(request, outcome)
        except Exception:
            self._note_broken("report", request)

    def _note_broken(self, what: str, request: Request) -> None:
        self.counts.broken_callbacks += 1
        log.exception("agi_callback_broken", callback=what, attempt=request.uniqueid)
