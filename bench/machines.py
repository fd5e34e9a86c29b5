"""How well are machines told from people, and does anybody who answers hear silence?

    python -m bench.machines [--rounds 1]

People and machines of the carrier answer the calls of a campaign with ``machine_detection`` and ``voicemail: message``;
each sentence is spoken by three synthetic voices. What everybody heard is measured in the carrier's recordings.
"""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from audio.engines.espeak import EspeakNg
from audio.phrases import Phrases
from bench.stand import CAMPAIGN, Stand, campaign, stand
from dialer.adapters import campaign_words
from dialer.adapters.carrier.script import Kind, Role, role
from dialer.core.plan import CampaignSettings
from lab import hearing, sounds
from lab.carrier import Manner
from lab.engine import Engine
from lab.process import wait_until

PEOPLE = {
    "halo": "Halo?",
    "slucham": "Tak, słucham?",
    "nazwisko": "Kowalski, słucham.",
    "uprzejma": "Dzień dobry, słucham pana.",
    "sekretariat": "Sekretariat firmy Przykład, dzień dobry, w czym mogę pomóc?",
    "wahanie": "Halo? [700] Halo? [1000] Kto mówi?",
    "dopytuje": "Tak, halo, słucham, dzień dobry, kto mówi?",
    "milczy": "[1000]",
}
MACHINES = {
    "skrzynka": "Skrzynka głosowa. Proszę zostawić wiadomość po sygnale.",
    "abonent": "Dzień dobry. Tu poczta głosowa. Abonent nie może teraz odebrać. Zostaw wiadomość po sygnale.",
    "osobista": "Cześć, tu Marek. [600] Nie mogę teraz odebrać. [500] Zostaw wiadomość, oddzwonię.",
    "firma": (
        "Dzień dobry. [800] Dodzwoniłeś się do firmy Przykład. Biuro jest nieczynne. "
        "Prosimy o kontakt w godzinach od ósmej do szesnastej albo o pozostawienie wiadomości."
    ),
    "zwloka": "Abonent jest chwilowo niedostępny. Nagraj wiadomość po usłyszeniu sygnału. [2500]",  # before the beep
    "krotka": "Zostaw wiadomość.",
}
PLAYS = "Proszę zapamiętać ten numer. " * 6
WANTED = campaign(message=PLAYS, machine_detection=True, voicemail="message")
PATIENCE = timedelta(minutes=5)
SPOKEN = {"trunk": "carrier", "speech": "espeak-ng", "calls_per_second": "2", "concurrent_calls": "12"}
AUDIBLE = 0.003  # of full scale
HEARD_LATE = timedelta(seconds=2)
BEEP = timedelta(seconds=0.4)


@dataclass(frozen=True, slots=True)
class Callee:
    """Somebody at the carrier: a kind, a sentence and a voice."""

    number: str
    kind: Kind
    sentence: str
    sound: str

    @property
    def role(self) -> Role:
        return role(self.number, f"{self.kind}/0.2//{self.sound}")


def callees(place: Stand, rounds: int) -> Iterator[Callee]:
    folder = place.laboratory.sounds
    for kind, sentences in ((Kind.HUMAN, PEOPLE), (Kind.VOICEMAIL, MACHINES)):
        for name, words in sentences.items():
            for index, voice in enumerate(sounds.VOICES):
                sounds.speak(folder, f"{name}-{index}", words, voice)
                for number in place.numbers(rounds):
                    yield Callee(number, kind, name, f"{name}-{index}")


def longest_silence(file: Path) -> timedelta:
    """Of what somebody heard, from the answer to the end."""
    samples, _ = soundfile.read(file, dtype="float64")
    loud = np.flatnonzero(np.abs(samples) > AUDIBLE)
    edges = np.concatenate(([0], loud, [len(samples)]))
    return int(np.max(np.diff(edges))) / hearing.RATE * timedelta(seconds=1)


def call_all(engine: Engine, everybody: Sequence[Callee], place: Stand) -> list[dict[str, Any]]:
    place.laboratory.set_script([each.role for each in everybody], Manner(is_recording=True))
    engine.api.put(f"/v1/campaigns/{CAMPAIGN}", WANTED)
    place.feed(engine, len(everybody), [each.number for each in everybody])
    if not wait_until(lambda: _all_over(engine, len(everybody)), PATIENCE):
        raise TimeoutError("the calls did not end: is the machine busy?")
    return list(engine.api.pages(f"/v1/campaigns/{CAMPAIGN}/attempts?limit=500", "attempts"))


def _all_over(engine: Engine, count: int) -> bool:
    ended: dict[str, int] = engine.api.get(f"/v1/campaigns/{CAMPAIGN}/figures")["attempts"]
    return sum(number for name, number in ended.items() if name != "open") >= count


def table(everybody: Sequence[Callee], attempts: Sequence[dict[str, Any]]) -> Iterator[str]:
    """What was taken for what, and how long that took."""
    by_number = {each["number"]: each for each in attempts}
    counted: Counter[tuple[str, str]] = Counter()
    because: dict[str, Counter[str]] = {}
    took: dict[str, list[int]] = {"person": [], "machine": []}
    for each in everybody:
        found = by_number[each.number]["detection"] or {"answered_by": "none", "because": "ended before", "took_ms": 0}
        counted[each.kind, found["answered_by"]] += 1
        because.setdefault(each.sentence, Counter())[f"{found['answered_by']}: {found['because']}"] += 1
        took.get(found["answered_by"], []).append(found["took_ms"])
    yield f"{'':10} {'person':>8} {'machine':>8} {'none':>8}"
    for kind in (Kind.HUMAN, Kind.VOICEMAIL):
        yield f"{kind:10} " + " ".join(f"{counted[kind, name]:8}" for name in ("person", "machine", "none"))
    for name, spans in took.items():
        if spans:
            yield f"{name}: verdict after {np.median(spans) / 1000:.2f} s (median), {max(spans) / 1000:.2f} s at most"
    for sentence, reasons in because.items():
        yield f"  {sentence:12} " + ", ".join(f"{reason} {count}" for reason, count in reasons.items())


def heard_by_people(everybody: Sequence[Callee], place: Stand) -> Iterator[str]:
    silences = {
        each.sound: longest_silence(place.laboratory.heard(each.number, 1))
        for each in everybody
        if each.kind is Kind.HUMAN
    }
    worst = max(silences, key=lambda name: silences[name])
    late = sum(silence > HEARD_LATE for silence in silences.values())
    yield f"longest silence of a person: {silences[worst].total_seconds():.2f} s ({worst}); over 2 s: {late}"


def heard_by_machines(everybody: Sequence[Callee], attempts: Sequence[dict[str, Any]], place: Stand) -> Iterator[str]:
    """Whether the limited message is whole in the recording, and begins after the beep."""
    by_number = {each["number"]: each for each in attempts}
    voicemail = _voicemail(place)
    machines = [each for each in everybody if each.kind is Kind.VOICEMAIL]
    found = [each for each in machines if by_number[each.number]["disposition"] == "machine"]
    whole, after = 0, list[float]()
    for each in found:
        heard = _raw(place.laboratory.heard(each.number, 1))
        beeped = _length(place.laboratory.sounds / f"{each.sound}.wav") + BEEP
        listened = heard[int(beeped.total_seconds() * hearing.RATE) :]  # what the machine has kept
        whole += hearing.share_heard(listened, voicemail) >= hearing.HEARD
        after.append(hearing.begins_at(listened, voicemail) / hearing.RATE)
    told = sum(bool(by_number[each.number]["detection"]["message_left"]) for each in found)
    yield f"machines found: {len(found)} of {len(machines)}; message left whole: {whole} heard, {told} told"
    if after:
        yield f"begins {min(after):.2f} to {max(after):.2f} s after the beep, the greeting before it"


def _voicemail(place: Stand) -> hearing.Samples:
    """The campaign's limited message, as the engine has rendered it."""

    async def rendered() -> Path:
        async with Phrases(place.folder / "sounds", EspeakNg()) as phrases:
            settings = CampaignSettings.model_validate(WANTED)
            ready = await campaign_words.prepare(phrases, settings, {}, datetime.now(UTC).date())
            return phrases.path(ready.voicemail.key)

    return hearing.message(asyncio.run(rendered()))


def _raw(file: Path) -> hearing.Samples:
    samples, _ = soundfile.read(file, dtype="float64")
    return np.asarray(samples)


def _length(file: Path) -> timedelta:
    return timedelta(seconds=float(soundfile.info(file).duration))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.machines", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=1, help="calls of each sentence by each voice")
    rounds = parser.parse_args().rounds
    with stand() as place:
        everybody = list(callees(place, rounds))
        with place.engine(**SPOKEN) as engine:
            attempts = call_all(engine, everybody, place)
        print(f"{len(everybody)} calls")
        for line in table(everybody, attempts):
            print(line)
        for line in (*heard_by_people(everybody, place), *heard_by_machines(everybody, attempts, place)):
            print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
