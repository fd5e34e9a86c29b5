"""How does it sound? `python -m audio words` says values as words, `python -m audio say` speaks a text into a file."""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from audio import render
from audio.engines.espeak import EspeakNg
from audio.grammar import Language
from audio.message import sentences
from audio.speech import AudioFailed
from audio.words import SPOKEN, NotSpoken, spoken


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0, or 1 if something could not be said (why stands on standard error)."""
    parser = argparse.ArgumentParser(prog="python -m audio", description="Polish words and telephone audio")
    commands = parser.add_subparsers(dest="command", required=True)
    words_parser = commands.add_parser(
        "words", help=f"lines KIND<TAB>VALUE in, spoken words out; kinds: {', '.join(SPOKEN)}"
    )
    say_parser = commands.add_parser("say", help="speak a text into a file")
    say_parser.add_argument("text")
    say_parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="ends in .wav or .alaw")
    for each in (words_parser, say_parser):
        each.add_argument("--lang", type=Language, choices=list(Language), default=Language.POLISH, help="default: pl")
    chosen = parser.parse_args(arguments)
    if chosen.command == "words":
        return words(sys.stdin, sys.stdout, sys.stderr, chosen.lang)
    return say(chosen.text, chosen.output, sys.stderr)


def words(lines: Iterable[str], out: TextIO, err: TextIO, language: Language = Language.POLISH) -> int:
    """One line of words for each line KIND<TAB>VALUE; an empty one, and a reason, where a value cannot be said."""
    failed = False
    for number, line in enumerate(lines, start=1):
        kind, _, value = line.rstrip("\r\n").partition("\t")
        try:
            out.write(f"{spoken(kind, value, language)}\n")
        except NotSpoken as reason:
            failed = True
            out.write("\n")
            err.write(f"line {number}: {reason}\n")
    return int(failed)


def say(text: str, output: Path, err: TextIO) -> int:
    """The text as the callee hears it, in the format that the file's ending names."""
    if output.suffix not in {".wav", render.SUFFIX}:
        err.write(f"{output}: the file must end in .wav or {render.SUFFIX}\n")
        return 1
    engine = EspeakNg()
    try:
        audio = render.joined([render.alaw(engine.synthesise(sentence)) for sentence in sentences(text)])
        output.write_bytes(audio if output.suffix == render.SUFFIX else render.as_wave(audio))
    except (AudioFailed, OSError) as reason:
        err.write(f"{reason}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
