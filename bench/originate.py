"""How many calls per second does the whole engine sustain beside the simplest AMI loop on the same Asterisk?

    python -m bench.originate            100, 200, 400 calls/s, hung up by the carrier after 100 ms
    python -m bench.originate message    25, 50, 100 calls/s with a message of 4 s
    python -m bench.originate overload   800, 1200 calls/s: more than Asterisk can do

Both call in turn, each alone on the same Asterisk, through the same dialplan, and FastAGI plays the same files. The
engine is ``dzwonek up`` as it is delivered: SQLite on disk, every attempt saved before its call and concluded after it;
its contacts have their messages before the clock starts. Calls count that were answered within the seconds asked for.
"""

import argparse
import asyncio
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bench import bare
from bench.bare import Placed
from bench.stand import CAMPAIGN, MESSAGE, TRUNK, Processor, Stand, contacts_in, played_files, stand
from lab.engine import Engine

ROUNDS = 2
LASTING = timedelta(seconds=6)  # of one trial's placing
PATIENCE = timedelta(seconds=15)  # for the last calls to end
CARRIER_HOLD = timedelta(milliseconds=100)


@dataclass(frozen=True, slots=True)
class Ladder:
    """One kind of call, at growing rates."""

    title: str
    rates: Sequence[int]
    hold: timedelta | None  # after which the carrier hangs up; None: the message is heard to its end
    is_overload: bool = False


LADDERS = {
    "short": Ladder("hung up by the carrier after 100 ms", (100, 200, 400), CARRIER_HOLD),
    "message": Ladder("message of 4 s", (25, 50, 100), None),
    "overload": Ladder("past the knee", (800, 1200), CARRIER_HOLD, is_overload=True),
}


@dataclass(frozen=True, slots=True)
class Trial:
    """What one of the two did in one round."""

    calls: Sequence[Placed]
    own_cpu: float  # s
    asterisk_cpu: float  # s

    @property
    def rate(self) -> float:
        """Calls answered per second of the time asked for."""
        begun = min(call.at for call in self.calls)
        until = begun + LASTING.total_seconds()
        return (
            sum(call.answered is not None and call.answered <= until for call in self.calls) / LASTING.total_seconds()
        )

    @property
    def setups(self) -> list[float]:
        """From placing to the word of the answer, ms, in order."""
        return sorted(1000 * (call.answered - call.at) for call in self.calls if call.answered is not None)

    @property
    def lost(self) -> int:
        return sum(call.answered is None for call in self.calls)


def by_engine(on: Stand, rate: int) -> Trial:
    count = round(rate * LASTING.total_seconds())
    with on.engine(calls_per_second=rate) as engine:
        own, asterisk = Processor(engine.daemon.pid), on.asterisk()
        opens = on.feed(engine, count)
        time.sleep((opens - datetime.now(UTC)).total_seconds() - 0.2)
        used = own.seconds(), asterisk.seconds()
        time.sleep((LASTING + MESSAGE).total_seconds())  # to be asked how it stands would cost it processor time too
        deadline = time.monotonic() + (LASTING + PATIENCE).total_seconds()
        while contacts_in(engine, "finished") < count and time.monotonic() < deadline:
            time.sleep(1)
        spent = own.seconds() - used[0], asterisk.seconds() - used[1]
        return Trial(_as_kept(engine), *spent)


def by_bare_loop(on: Stand, rate: int) -> Trial:
    numbers = on.numbers(round(rate * LASTING.total_seconds()))
    asterisk = on.asterisk()

    async def trial() -> Trial:
        agi = on.settings.agi
        files = await played_files(on.settings.state / "bare")
        async with bare.messages(agi.host, agi.port, files):
            dialer = await bare.dialer(on.laboratory.pbx_ami)
            used = time.process_time(), asterisk.seconds()
            calls = await dialer.run(numbers, TRUNK, rate, PATIENCE.total_seconds())
            return Trial(calls, time.process_time() - used[0], asterisk.seconds() - used[1])

    return asyncio.run(trial())


def _as_kept(engine: Engine) -> list[Placed]:
    """The engine's calls as their rows tell them."""
    shown = engine.api.pages(f"/v1/campaigns/{CAMPAIGN}/attempts?limit=500", "attempts")
    return [
        Placed(placed, _moment(each["answered_at"]), _moment(each["ended_at"]))
        for each in shown
        if (placed := _moment(each["placed_at"])) is not None
    ]


def _moment(text: str | None) -> float | None:
    return datetime.fromisoformat(text).timestamp() if text else None


WAYS: dict[str, Callable[[Stand, int], Trial]] = {"engine": by_engine, "bare loop": by_bare_loop}


def climb(on: Stand, ladder: Ladder) -> None:
    print(f"\n{ladder.title}")
    print(
        f"{'asked':>5} {'who':10} {'rate/s':>7} {'lost':>6} {'setup p50':>9} {'p95 ms':>8} "
        f"{'CPU ms/call':>11} {'Asterisk':>9}"
    )
    with on.carrier(ladder.hold):
        for rate in ladder.rates:
            trials: dict[str, list[Trial]] = {who: [] for who in WAYS}
            for _ in range(1 if ladder.is_overload else ROUNDS):
                for who, way in WAYS.items():
                    if ladder.is_overload:
                        on.fresh_pbx()
                    trials[who].append(way(on, rate))
            for who in WAYS:
                print(f"{rate:5} {who:10} {_row(trials[who])}", flush=True)
            print(f"{'':5} {_verdict(trials['engine'], trials['bare loop'])}", flush=True)


def _row(trials: Sequence[Trial]) -> str:
    setups = sorted(setup for trial in trials for setup in trial.setups)
    p50, p95 = (setups[int(share * len(setups))] for share in (0.5, 0.95))
    own, asterisk = (
        1000 * sum(getattr(trial, whose) for trial in trials) / sum(len(trial.calls) for trial in trials)
        for whose in ("own_cpu", "asterisk_cpu")
    )
    rate = statistics.mean(trial.rate for trial in trials)
    lost = sum(trial.lost for trial in trials)
    return f"{rate:7.1f} {lost:6} {p50:9.1f} {p95:8.1f} {own:11.2f} {asterisk:9.2f}"


def _verdict(engine: Sequence[Trial], loop: Sequence[Trial]) -> str:
    rate = statistics.mean(t.rate for t in engine) / statistics.mean(t.rate for t in loop)
    cpu = sum(t.own_cpu for t in engine) / sum(t.asterisk_cpu for t in engine)
    return f"engine / bare loop: rate {rate:.3f}; engine's CPU / Asterisk's: {cpu:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("ladder", nargs="?", choices=LADDERS, default="short")
    asked = parser.parse_args()
    with stand() as on:
        print(f"load average before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        climb(on, LADDERS[asked.ladder])


if __name__ == "__main__":
    main()
