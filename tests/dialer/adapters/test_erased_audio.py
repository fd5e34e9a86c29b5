"""Does the folder of sounds hold nothing of a debtor who was erased?"""

from dataclasses import replace
from pathlib import Path

from audio.engines.tone import Tones
from audio.phrases import Phrases
from audio.voices import voices
from dialer.adapters.clock import SystemClock, new_id
from dialer.adapters.prepared import Prepared
from dialer.adapters.spoken_flows import SpokenFlows
from dialer.adapters.store import SqlStore
from dialer.adapters.voices import SpokenMessages
from dialer.core.numbers import NumberingPlan
from dialer.core.routes import Route
from dialer.core.trunks import TrunkLimits
from dialer.engine import Bounds, Engine
from dialer.ports.store import ErasureState, Unvoiced, Voiced
from tests.support.scenarios import NoScenarios
from tests.support.stores import NOW, row, settings, take


def speaking(phrases: Phrases) -> SpokenMessages:
    flows = SpokenFlows(NoScenarios(), Prepared(phrases, lambda phrase: phrase.key))
    return SpokenMessages(phrases, voices("tone"), flows)


async def render(voice: SpokenMessages, contact_id: int, debtor: str, last_name: str) -> Voiced:
    case = row(debtor).verdict.case
    assert case is not None
    named = replace(case.debtor, last_name=last_name, name_genitive=None)
    return await voice.render(Unvoiced(contact_id, 1, "RENT", 1, [replace(case, debtor=named)]), settings(), NOW.date())


def names_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


async def test_the_sounds_are_as_if_an_erased_debtor_had_never_been(
    store: SqlStore, rent: None, tmp_path: Path
) -> None:
    sounds, never = tmp_path / "sounds", tmp_path / "never"
    async with Phrases(never, Tones()) as phrases:
        voice = speaking(phrases)
        await voice.make_ready(await store.campaigns(None))
        await render(voice, 2, "D2", "Inna")
    async with Phrases(sounds, Tones()) as phrases:
        voice = speaking(phrases)
        bounds = Bounds([Route("carrier", TrunkLimits(5, 30, 50))], NumberingPlan.TEST)
        engine = Engine(store, voice, SystemClock(), new_id, bounds)
        await voice.make_ready(await store.campaigns(None))
        await take(store, "B-1", row("D1"))
        forgotten = await render(voice, 1, "D1", "Zapomniana")
        kept = await render(voice, 2, "D2", "Inna")
        assert names_in(sounds) > names_in(never)

        erased = await engine.erasing.erase("CL-CZYNSZ", "D1", "key:abcd")

        assert erased is not None
        assert erased.erasure.state is ErasureState.DONE
        assert erased.erasure.removed["audio_files"] > 0
        assert names_in(sounds) <= names_in(never)  # what both would have heard is made again when it is needed
        assert (voice.has(forgotten.message_key), voice.has(kept.message_key)) == (False, True)
