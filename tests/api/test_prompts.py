import io
from http import HTTPStatus
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio.engines.tone import Tones
from audio.phrases import Phrases
from audio.voices import voices
from dialer.adapters.prepared import Prepared
from dialer.adapters.spoken_flows import SpokenFlows
from dialer.adapters.voices import SpokenMessages
from tests.support.api import Api, Client, Said, api_on
from tests.support.scenarios import NoScenarios

WORDS = "Prosimy o kontakt."


def recording(seconds: float = 1, kind: str = "WAV") -> bytes:
    held = io.BytesIO()
    at = np.arange(int(16_000 * seconds)) / 16_000
    soundfile.write(held, 0.3 * np.sin(2 * np.pi * 700 * at), 16_000, format=kind)
    return held.getvalue()


def speaking(phrases: Phrases) -> SpokenMessages:
    flows = SpokenFlows(NoScenarios(), Prepared(phrases, lambda phrase: phrase.key))
    return SpokenMessages(phrases, voices("tone"), flows)


async def send(
    client: Client, body: bytes, at: str = "CL-ENERGIA/goodbye", media: str = "audio/wav", **query: str
) -> Said:
    return await client.ask("PUT", f"/v1/prompts/{at}", {"Content-Type": media}, data=io.BytesIO(body), params=query)


async def test_a_recording_is_shown_until_it_is_removed(tmp_path: Path) -> None:
    async with (
        Phrases(tmp_path, Tones()) as phrases,
        api_on(tmp_path, voice=speaking(phrases)) as api,
    ):
        operator = await api.holder()
        put = await send(operator, recording())
        again = await send(operator, recording(kind="MP3"), media="audio/mpeg")
        listed = await operator.get("/v1/prompts/CL-ENERGIA")
        removed = await operator.ask("DELETE", "/v1/prompts/CL-ENERGIA/goodbye")
        gone = await operator.get("/v1/prompts/CL-ENERGIA/goodbye")

    assert (put.status, again.status, removed.status, gone.status) == (201, 200, 200, 404)
    assert put.json["words"] == "Dziękujemy. Do widzenia."
    assert 900 < put.json["duration_ms"] < 1500
    assert listed.json["prompts"] == [again.json]
    assert listed.json["phrases"]["paid"].startswith("Właśnie otrzymaliśmy informację")


@pytest.mark.parametrize(
    ("body", "problem"),
    [(b"no sound", "cannot be read"), (recording(61), "longer than 60 s"), (b"", "cannot be read")],
)
async def test_an_upload_that_is_no_recording_is_told(tmp_path: Path, body: bytes, problem: str) -> None:
    async with (
        Phrases(tmp_path, Tones()) as phrases,
        api_on(tmp_path, voice=speaking(phrases)) as api,
    ):
        answer = await send(await api.holder(), body)

    assert answer.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert problem in answer.json["errors"][0]["detail"]


async def test_an_upload_that_is_too_large_is_cut_off(api: Api) -> None:
    assert (await send(await api.holder(), bytes(13 << 20))).status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


async def test_any_fixed_sentence_may_be_recorded_if_its_words_are_said(api: Api) -> None:
    operator = await api.holder()
    unknown = await send(operator, b"sound", "CL-ENERGIA/please_call")
    known = await send(operator, b"sound", "CL-ENERGIA/please_call", words=f" {WORDS} ")

    assert (unknown.status, known.status, known.json["words"]) == (422, 201, WORDS)


async def test_what_is_recorded_for_a_brand_is_its_clients(api: Api) -> None:
    operator, other = await api.holder(), await api.holder(client_id="CL-TELKO")
    brand = {
        "client_id": "CL-ENERGIA",
        "name": "Energia",
        "neutral_name": "Energia",
        "caller_number": "+48388000011",
        "callback_number": "+48388000011",
    }
    await operator.put("/v1/brands/EN", brand)
    client = await api.holder(client_id="CL-ENERGIA")

    assert (await send(client, b"sound", "EN/goodbye")).status == 201
    assert (await send(other, b"sound", "EN/goodbye")).status == 404
    assert (await other.get("/v1/prompts/EN/goodbye")).status == 404
