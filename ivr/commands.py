"""Which command of AGI does an act ask for, how long may it last, and what will its answer mean?"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from ivr import meaning
from ivr.agent_acts import Ask, Join, StartRecording
from ivr.protocol import Reply
from ivr.session import NOTHING, Answer, AskPresence, Happening, Play, Record

Commanded = Play | Record | AskPresence | Answer | Ask | StartRecording | Join


@dataclass(frozen=True, slots=True)
class Command:
    words: tuple[str, ...]
    lasts: timedelta | None = NOTHING  # None: for as long as they talk
    means: Callable[[Reply], Happening] | None = None  # None: what became of a clip


def command(act: Commanded) -> Command:
    match act:
        case Play(path, length, keys):
            return Command(("STREAM FILE", path, keys), length)
        case Record(path, limit, keys):
            milliseconds = str(limit // timedelta(milliseconds=1))
            return Command(("RECORD FILE", path, "wav", keys, milliseconds, "BEEP"), limit)
        case AskPresence():
            return Command(("CHANNEL STATUS",), means=meaning.of_status)
        case Answer():
            return Command(("ANSWER",), means=meaning.of_answering)
        case Ask(variable):
            return Command(("GET VARIABLE", variable), means=meaning.of_variable)
        case StartRecording(path):
            # a: behind what the callee has recorded alone; b: only while joined with somebody, neither the wait nor an
            # apology
            return Command(("EXEC", "MixMonitor", f"{path},ab"), means=meaning.of_recording)
        case Join(line):
            return Command(("EXEC", line.application, line.arguments), None, meaning.of_joining)
