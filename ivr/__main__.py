"""How does a flow sound, and is it right? Without Asterisk and without a telephone.

python -m ivr play S04_overdue_soft --contact jan.json            keys by keyboard
python -m ivr play my_flow.yaml --contact jan.json --keys 1,3,2,1
python -m ivr ways S04_overdue_soft --contact jan.json            every way through it
python -m ivr check my_flow.yaml
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from audio.template import UnspeakableValue
from ivr.flow import shipped
from ivr.flow.contact import InvalidContact, contact
from ivr.flow.located import InvalidFlow
from ivr.flow.nodes import KEYS
from ivr.flow.passage import LEAVES, SILENCE, Passage, without_audio
from ivr.flow.session import FlowScript
from ivr.flow.speech import Segment
from ivr.flow.transcripts import told, transcript

HINT = f"keys, Enter for silence, {LEAVES} to leave > "


class NoAnswer(ValueError):
    """What nobody can do on a telephone."""


def main(arguments: list[str] | None = None, typed: TextIO | None = None) -> int:
    """The exit code: 0, or 1 if the flow or the contact is wrong (why stands on standard error).

    ``typed``: the keyboard, standard input if left out.
    """
    parser = argparse.ArgumentParser(
        prog="python -m ivr", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    checking = commands.add_parser("check", help="what is wrong with a flow")
    playing = commands.add_parser("play", help="a call in the terminal")
    ways = commands.add_parser("ways", help="every way through a flow, and what is heard on it")
    for each in (checking, playing, ways):
        each.add_argument("flow", help=f"a file, or one of: {', '.join(shipped.names())}")
    for each in (playing, ways):
        each.add_argument("--contact", required=True, help="a JSON file, or JSON")
        each.add_argument("--told", action="store_true", help="nobody is asked who it is (companies)")
        each.add_argument("--recording", metavar="PATH", help="where a recording would go; without it none is offered")
        each.add_argument("--withheld", action="store_true", help="the number of whoever calls us is not known")
    playing.add_argument("--keys", help=f"answers, separated by commas: keys, {SILENCE} silence, {LEAVES} leaves")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "check":
            sys.stdout.write(f"{shipped.load(chosen.flow).name}: nothing is wrong\n")
            return 0
        script = _script(chosen)
        given = _given(chosen.keys) if chosen.command == "play" and chosen.keys is not None else None
    except OSError as error:
        sys.stderr.write(f"{error.filename} cannot be read: {error.strerror}\n")
        return 1
    except (InvalidFlow, InvalidContact, NoAnswer, UnspeakableValue) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyError as error:  # which would be told in quotation marks
        sys.stderr.write(f"{error.args[0]}\n")
        return 1
    if chosen.command == "ways":
        sys.stdout.write(transcript(script))
    else:
        answers = _asked(typed or sys.stdin, sys.stdout) if given is None else iter(given)
        play(script, answers, sys.stdout)
    return 0


def play(script: FlowScript, answers: Iterator[str], out: TextIO) -> None:
    """A call, line by line. After the last answer the callee is silent."""
    passage = Passage.begin(script)
    shown = 0
    while True:
        for passed in passage.passed[shown:]:
            out.write(_shown(passed))
        shown = len(passage.passed)
        if passage.outcome:
            out.write(f"— {told(passage.outcome)}\n")
            return
        passage.answer(next(answers, SILENCE))


def _shown(passed: Segment | str) -> str:
    if isinstance(passed, Segment):
        return f"  {passed.words}\n" if passed.text else f"  ({passed.words})\n"
    return f"« {passed} »\n"


def _given(keys: str) -> list[str]:
    return [_answer(key) for key in keys.split(",")]


def _answer(text: str) -> str:
    answer = text.strip() or SILENCE
    if answer not in (SILENCE, LEAVES) and not set(answer) <= set(KEYS):
        raise NoAnswer(f"{answer!r} is no answer: keys ({KEYS}), {SILENCE} for silence, {LEAVES} to leave")
    return answer


def _asked(lines: TextIO, out: TextIO) -> Iterator[str]:
    while True:
        out.write(HINT)
        out.flush()
        line = lines.readline()
        if not line:
            return
        try:
            answer = _answer(line)
        except NoAnswer as problem:
            out.write(f"{problem}\n")
            continue
        yield answer


def _script(chosen: argparse.Namespace) -> FlowScript:
    given: str = chosen.contact
    text = given if given.lstrip().startswith("{") else Path(given).read_text("utf-8", "replace")
    flow = shipped.load(chosen.flow)
    return without_audio(
        flow,
        contact(text, flow.language, may_be_told=chosen.told),
        recording=chosen.recording,
        is_withheld=chosen.withheld,
    )


if __name__ == "__main__":
    sys.exit(main())
