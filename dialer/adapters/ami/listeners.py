"""Who is told what the switch tells?"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import structlog

from dialer.adapters.ami.legs import news as news_of_leg
from dialer.core.call import Event
from dialer.core.machines import Talk
from dialer.ports import EarsListener, LegEvent, LegsListener, Presence, SwitchListener, TalkListener
from dialer.ports.ears import EAR_ID
from dialer.ports.legs import LEG_ID

T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Listeners:
    """Each hears of its own; of what nobody wants to hear, nobody is told."""

    calls: SwitchListener | None = None
    legs: LegsListener | None = None
    ears: EarsListener | None = None
    talks: TalkListener | None = None

    def tell(self, event: Event) -> None:
        if LEG_ID.fullmatch(event.attempt_id):
            self.tell_of_leg(news_of_leg(event))
        elif EAR_ID.fullmatch(event.attempt_id):
            if self.ears is not None and (news := news_of_leg(event)) is not None:
                _told(self.ears.on_ear, news)
        elif self.calls is not None:
            _told(self.calls.on_call, event)

    def tell_of_leg(self, event: LegEvent | None) -> None:
        if self.legs is not None and event is not None:
            _told(self.legs.on_leg, event)

    def tell_of_talk(self, talk: Talk) -> None:
        if self.talks is not None:
            _told(self.talks.on_talk, talk)

    def on_presence(self, presence: Presence) -> None:
        for listener in (self.calls, self.legs, self.ears):
            if listener is not None:
                listener.on_presence(presence)


def _told(listen: Callable[[T], None], news: T) -> None:
    """Whoever does not take it may not keep the others from hearing what comes after it."""
    try:
        listen(news)
    except Exception:
        log.exception("an event was not taken", happened=type(news).__name__, attempt=getattr(news, "attempt_id", None))
