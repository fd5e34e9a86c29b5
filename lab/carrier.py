"""Which dialplan makes the carrier do what the script says?

Roles in, the text of script.conf out. It is included by etc/carrier/extensions.conf, which knows how each kind
behaves; here every number gets one line per attempt: on `attempt-2`, +48280000001 is a `human` who answers after
1.3 s and presses 1 and 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from dialer.adapters.carrier.script import ATTEMPTS, Behaviour, Kind, Role, ScriptProblem, read_script
from lab import LaboratoryError


@dataclass(frozen=True, slots=True)
class Manner:
    """How a script is played.

    Ring times are multiplied by ring_scale. A person listens for key_pause before each key; `wait` lasts menu_passes.
    """

    ring_scale: float = 1.0
    is_recording: bool = False
    key_pause: timedelta = timedelta(seconds=3)
    menu_passes: timedelta = timedelta(seconds=8)


def read_roles(file: Path) -> list[Role]:
    """The roles of a script in the format of sim_outcomes.csv."""
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            return read_script(lines)
    except OSError as error:
        raise LaboratoryError(f"{file}: {error.strerror}") from error
    except ScriptProblem as error:
        raise LaboratoryError(f"{file}: {error}") from error


def dialplan(roles: Iterable[Role], manner: Manner) -> str:
    """The text of script.conf for those roles."""
    known = sorted({role.number: role for role in roles}.values(), key=lambda role: role.number)
    lines = [
        "[globals]",
        f"RECORD={'yes' if manner.is_recording else 'no'}",
        f"KEY_PAUSE={_seconds(manner.key_pause)}",
        f"MENU_PASSES={_seconds(manner.menu_passes)}",
    ]
    for ordinal in range(1, ATTEMPTS + 1):
        lines += ["", f"[attempt-{ordinal}]"]
        lines += [_line(role.number, role.on_attempt(ordinal), manner.ring_scale) for role in known]
        lines += ["exten => _[+0-9].,1,Goto(unscripted,s,1)"]  # an exact match, where there is one, wins
    return "\n".join(lines) + "\n"


def _line(number: str, behaviour: Behaviour, ring_scale: float) -> str:
    arguments = ",".join(_arguments(behaviour, ring_scale))
    context = "impatient" if behaviour.hangs_up_after else behaviour.kind.value
    spoken = f"Set(VOICE={behaviour.voice})\n same => n," if behaviour.voice else ""
    return f"exten => {number},1,{spoken}Gosub({context},s,1({arguments}))"


def _arguments(behaviour: Behaviour, ring_scale: float) -> Iterator[str]:
    yield _seconds(behaviour.ring * ring_scale)
    if behaviour.hangs_up_after:
        yield _seconds(behaviour.hangs_up_after)
    elif behaviour.kind is Kind.HUMAN:
        yield from behaviour.keys


def _seconds(duration: timedelta) -> str:
    return f"{duration.total_seconds():.3f}"
