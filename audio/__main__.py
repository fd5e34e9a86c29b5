"""How does it sound? `python -m audio words` says values as words, `python -m audio say` speaks a text into a file."""

import argparse
import io
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from audio import render
from audio.grammar import Language
from audio.sentences import sentences
from audio.speech import AudioFailed, SpeechEngine
from audio.voices import ENGINES, VoiceProblem, voices
from audio.words import SPOKEN, NotSpoken, spoken

BYTE_ORDER_MARK = "\ufeff"  # with which spreadsheets begin a file


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0, or 1 if something could not be said (why stands on standard error)."""
    chosen = _parser().parse_args(arguments)
    if chosen.command == "words":
        for stream in (sys.stdin, sys.stdout, sys.stderr):
            _use_utf8(stream)
        try:
            return words(sys.stdin, sys.stdout, sys.stderr, chosen.lang)
        except BrokenPipeError:  # whoever reads has had enough, as `head` does
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # which is flushed once more at the end
            return 1
    try:
        there = voices(chosen.engine, chosen.voices.read_bytes() if chosen.voices else "{}")
        if chosen.command == "voices":
            for voice in there.values():
                state = there.missing(voice.name) or f"{voice.engine.name} {voice.engine.voice}"
                sys.stdout.write(f"{voice.name}\t{voice.language}\t{state}\n")
            return 0
        name = chosen.voice or next(each.name for each in there.values() if each.language is chosen.lang)
        return say(chosen.text, chosen.output, sys.stderr, there[name].engine)
    except OSError as reason:
        sys.stderr.write(f"{reason.filename} cannot be read: {reason.strerror}\n")
        return 1
    except VoiceProblem as reason:
        sys.stderr.write(f"{reason}\n")
        return 1


def _use_utf8(stream: TextIO) -> None:
    """Whatever the locale is; bytes that are no UTF-8 are no letters, and are told with their line."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8", errors="surrogateescape" if stream.readable() else "backslashreplace")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m audio", description="spoken words and telephone audio")
    commands = parser.add_subparsers(dest="command", required=True)
    kinds = ", ".join(SPOKEN)
    saying_words = commands.add_parser("words", help=f"lines KIND<TAB>VALUE in, spoken words out; kinds: {kinds}")
    saying = commands.add_parser("say", help="speak a text into a file")
    saying.add_argument("text")
    saying.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="ends in .wav or .alaw")
    saying.add_argument("--voice", metavar="NAME", help="one of: python -m audio voices")
    listing = commands.add_parser("voices", help="which voices there are, and can they speak")
    for each in (saying_words, saying):
        each.add_argument("--lang", type=Language, choices=list(Language), default=Language.POLISH, help="default: pl")
    for each in (saying, listing):
        each.add_argument("--engine", choices=ENGINES, default=ENGINES[0], help="of the shipped voices")
        each.add_argument("--voices", type=Path, metavar="FILE", help="voices of your own")
    return parser


def words(lines: Iterable[str], out: TextIO, err: TextIO, language: Language = Language.POLISH) -> int:
    """One line of words for each line KIND<TAB>VALUE; an empty one for an empty one.

    Where a value cannot be said, an empty one and a reason.
    """
    failed = False
    for number, line in enumerate(lines, start=1):
        said = line.removeprefix(BYTE_ORDER_MARK if number == 1 else "").rstrip("\r\n")
        kind, _, value = said.partition("\t")
        try:
            out.write(f"{spoken(kind, value, language) if said.strip() else ''}\n")
        except NotSpoken as reason:
            failed = True
            out.write("\n")
            err.write(f"line {number}: {reason}\n")
    return int(failed)


def say(text: str, output: Path, err: TextIO, engine: SpeechEngine) -> int:
    """The text as the callee hears it, in the format that the file's ending names."""
    if output.suffix not in {".wav", render.SUFFIX}:
        err.write(f"{output}: the file must end in .wav or {render.SUFFIX}\n")
        return 1
    if not text.strip():
        err.write("there is nothing to say\n")
        return 1
    try:
        audio = render.joined([render.alaw(engine.synthesise(sentence)) for sentence in sentences(text)])
        output.write_bytes(audio if output.suffix == render.SUFFIX else render.as_wave(audio))
    except AudioFailed as reason:
        err.write(f"{reason}\n")
        return 1
    except OSError as reason:
        err.write(f"{output} cannot be written: {reason.strerror}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
