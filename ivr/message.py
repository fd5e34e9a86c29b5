"""What comes next in a played message, and how much of it was heard?

How Asterisk's words are read (res_agi.c, handle_streamfile; main/file.c, ast_readaudio_callback; seen on 22.10.1):

- A missing or unplayable file and a callee who leaves before the first sample look the same (result -1,
  position 0), so the session asks whether the callee is still there before it blames one of them.
- An empty file ends at once as if it had been played (result 0, position 0), one cut short ends where it is cut.
- The position after a failed write is the end of the file, however little was played. What was heard is
  therefore never more than the time the clip took.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from ivr.session import (
    NOTHING,
    Act,
    AskPresence,
    BreakOff,
    CalleeGone,
    CalleePresent,
    Clip,
    ClipBroken,
    ClipEnded,
    ClipInterrupted,
    EndedBy,
    HangUp,
    Happening,
    How,
    Interrupt,
    Interruptible,
    KeyPressed,
    Lost,
    Outcome,
    Play,
    Record,
    Script,
    Session,
    Stopped,
)

FRAME = timedelta(milliseconds=20)  # Asterisk plays in frames; the last one may be short
HASTE = timedelta(milliseconds=100)  # how much sooner than its length a clip may end: frames sent ahead, and two clocks


@dataclass(frozen=True, slots=True)
class Message:
    """Clips to be played one after the other; then we hang up."""

    clips: tuple[Clip, ...]

    def __post_init__(self) -> None:
        if not self.clips:
            raise ValueError("a message without clips")

    @property
    def total(self) -> timedelta:
        return sum((clip.length for clip in self.clips), NOTHING)

    def begin(self) -> tuple["PlayingMessage", Act]:
        return PlayingMessage(self), _play(self.clips[0])


@dataclass(frozen=True, slots=True)
class PlayingMessage:
    """The message while clip number ``at`` is playing; the clips before it were heard to their ends."""

    message: Message
    at: int = 0
    heard_before: timedelta = NOTHING

    def after(self, happening: Happening) -> tuple[Session, Act]:
        match happening:
            case ClipEnded(position, took):
                return self._after_end(plausible(position, took))
            case BreakOff(instead):
                return Interrupting(self, instead), Interrupt()
            case ClipBroken(position, took):
                heard = plausible(position, took)
                return self._over(heard, EndedBy.CALLEE) if heard else (self, AskPresence())
            case CalleeGone():
                return self._over(NOTHING, EndedBy.CALLEE)
            case CalleePresent():
                return self._over(NOTHING, EndedBy.FAILURE)
            case Stopped(took):
                return self._over(took, EndedBy.US)
            case Lost(took) | ClipInterrupted(took) | KeyPressed(took=took):
                return self._over(took, EndedBy.FAILURE)
        raise ValueError(f"{happening} cannot happen while a message plays")

    def broken_off(self, heard: timedelta) -> Outcome:
        """What is to be reported, with ``heard`` of the present clip."""
        return self._outcome(min(heard, self.message.clips[self.at].length), EndedBy.BREAK_OFF)

    def _after_end(self, heard: timedelta) -> tuple["PlayingMessage", Act]:
        clip = self.message.clips[self.at]
        if heard == NOTHING or heard + FRAME < clip.length:
            # A file shorter than it should be: better no ending than a sum of money cut in half.
            return self._over(heard, EndedBy.FAILURE)
        ended = PlayingMessage(self.message, self.at + 1, self.heard_before + clip.length)
        if ended.at == len(self.message.clips):
            return ended._over(NOTHING, EndedBy.US)
        return ended, _play(self.message.clips[ended.at])

    def _over(self, heard: timedelta, ended_by: EndedBy) -> tuple["PlayingMessage", HangUp]:
        """The end, with ``heard`` of the present clip."""
        return self, HangUp(self._outcome(heard, ended_by))

    def _outcome(self, heard: timedelta, ended_by: EndedBy) -> Outcome:
        total = self.message.total
        heard_in_all = min(self.heard_before + heard, total)
        how = How.PART if heard_in_all else How.NONE
        if self.at == len(self.message.clips):
            how = How.WHOLE
        return Outcome(heard_in_all, total, how, ended_by)


@dataclass(frozen=True, slots=True)
class Interrupting:
    """The message while its present clip is being stopped; at that very moment it may also end in any other way."""

    playing: Interruptible
    instead: Script

    def after(self, happening: Happening) -> tuple[Session, Act]:
        if isinstance(happening, ClipInterrupted):
            return self._take_leave(self.playing.broken_off(happening.took))
        following, act = self.playing.after(happening)
        if isinstance(act, Play | Record) and isinstance(following, Interruptible):
            return self._take_leave(following.broken_off(NOTHING))
        if isinstance(act, HangUp) and act.outcome.how is How.WHOLE and act.outcome.ended_by is EndedBy.US:
            return self._take_leave(act.outcome)
        return self, act

    def _take_leave(self, outcome: Outcome) -> tuple[Session, Act]:
        saying, act = self.instead.begin()
        return TakingLeave(outcome, saying), act


@dataclass(frozen=True, slots=True)
class TakingLeave:
    """The message is over; what is said in its place changes nothing of what was heard of it."""

    outcome: Outcome
    saying: Session

    def after(self, happening: Happening) -> tuple[Session, Act]:
        if isinstance(happening, BreakOff):  # something else yet
            return Interrupting(self, happening.instead), Interrupt()
        saying, act = self.saying.after(happening)
        following = TakingLeave(self.outcome, saying)
        return following, HangUp(replace(self.outcome, instead=act.outcome.how)) if isinstance(act, HangUp) else act

    def broken_off(self, heard: timedelta) -> Outcome:
        """What is to be reported, whatever was said in the message's place."""
        return self.outcome


def _play(clip: Clip) -> Play:
    return Play(clip.path, clip.length)


def plausible(position: timedelta, took: timedelta) -> timedelta:
    """The position, unless the clip was over sooner than anybody could have heard that much."""
    return position if position <= took + HASTE else took
