"""What does somebody see who runs the demo? Calls in flight, outcomes as they happen, and the result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from dialer.adapters.carrier.witness import Promise
from dialer.commands.simulate_screen import show_dispositions, show_promises

SHOWN = 8  # of the latest outcomes
_GOOD = {"delivered": "green", "hung_up": "yellow", "broken_off": "yellow", "open": "cyan"}
_STEPS = 20  # without a terminal: a line for each so many percent … of a hundred


class Screen:
    """A live picture on a terminal; a line now and then where there is none."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console()
        self._live = Live(console=self._console, refresh_per_second=4, transient=True)
        self._told = -1

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def show(self, figures: Sequence[Mapping[str, Any]], attempts: Sequence[Mapping[str, Any]]) -> None:
        contacts: Counter[str] = Counter()
        for each in figures:
            contacts.update(each["contacts"])
        if self._console.is_terminal:
            self._live.update(_picture(contacts, attempts))
            return
        done = _STEPS * contacts["finished"] // max(1, contacts.total())
        if done != self._told:
            self._told = done
            counts = Counter(each["disposition"] or "open" for each in attempts)
            outcomes = ", ".join(f"{count} {word}" for word, count in counts.most_common())
            self._console.print(
                f"{contacts['finished']}/{contacts.total()} contacts finished; attempts: {outcomes}", soft_wrap=True
            )


def result(report: Mapping[str, Any], samples: Sequence[tuple[str, Path]], saved: Path) -> None:
    """The outcome of it all."""
    console = Console()
    show_dispositions(console, report["dispositions"])
    finished = ", ".join(f"{count} {reason}" for reason, count in report["finished"].items())
    rate, waits = report["calls_per_second"], report["answer_to_message_ms"]
    console.print(f"{report['contacts']} contacts ({finished}), {report['attempts']} calls in {report['seconds']} s")
    console.print(f"calls per second: {rate['mean']} on average, {rate['busiest_second']} in the busiest second")
    console.print(f"answer to message, as the engine saw it: {waits.get('p50')} ms median, {waits.get('p95')} ms p95")
    for text, path in samples:
        console.print(Text(f"\n„{text}”", style="italic"))
        console.print(f"  heard by the callee: {path}", soft_wrap=True)
    console.print()
    show_promises(console, [Promise(**promise) for promise in report["promises"]])
    console.print(f"\nAll of it, for machines: {saved}")


def _picture(contacts: Counter[str], attempts: Sequence[Mapping[str, Any]]) -> Group:
    total = max(1, contacts.total())
    open_now = [each for each in attempts if each["disposition"] is None]
    listening = sum(1 for each in open_now if each["answered_at"])
    head = Text(
        f"{contacts['finished']} of {contacts.total()} contacts finished · {len(open_now)} calls in flight"
        + (f", {listening} listening" if listening else "")
    )
    counts = Table(box=None, pad_edge=False)
    for word, count in Counter(each["disposition"] for each in attempts if each["disposition"]).most_common():
        counts.add_row(Text(word, style=_GOOD.get(word, "")), str(count), "▪" * (60 * count // max(1, len(attempts))))
    ended = sorted((each for each in attempts if each["ended_at"]), key=lambda each: str(each["ended_at"]))
    latest = Table(box=None, pad_edge=False)
    for each in ended[-SHOWN:]:
        number = f"…{each['number'][-3:]}"
        heard = f"{each['heard_seconds']:.0f} s heard" if each["heard_seconds"] else ""
        word = each["disposition"]
        latest.add_row(
            each["ended_at"][11:19], number, f"attempt {each['ordinal']}", Text(word, style=_GOOD.get(word, "")), heard
        )
    return Group(
        head, ProgressBar(total=total, completed=contacts["finished"], width=72), Text(), counts, Text(), latest
    )
