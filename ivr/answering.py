"""How is a call to us answered, before anything is said?"""

from dataclasses import dataclass

from ivr.session import (
    NOTHING,
    Act,
    Answer,
    CalleeGone,
    CalleePresent,
    EndedBy,
    HangUp,
    Happening,
    How,
    Lost,
    Outcome,
    Script,
    Session,
    Stopped,
)


@dataclass(frozen=True, slots=True)
class Answering:
    """A script for a call that rings here: it is answered, then the other script begins."""

    then: Script

    def begin(self) -> tuple["Ringing", Act]:
        return Ringing(self.then), Answer()


@dataclass(frozen=True, slots=True)
class Ringing:
    """The call is being answered."""

    then: Script

    def after(self, happening: Happening) -> tuple[Session, Act]:
        match happening:
            case CalleePresent():
                return self.then.begin()
            case CalleeGone():
                return self, _over(EndedBy.CALLEE)
            case Stopped():
                return self, _over(EndedBy.US)
            case Lost():
                return self, _over(EndedBy.FAILURE)
        raise ValueError(f"{happening} cannot happen while a call is being answered")


def _over(ended_by: EndedBy) -> HangUp:
    return HangUp(Outcome(NOTHING, NOTHING, How.NONE, ended_by))
