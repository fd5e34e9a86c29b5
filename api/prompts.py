"""What was recorded by a person, to be played in place of a fixed phrase?"""

import hashlib
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Self

from aiohttp import web
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.body import spooled
from api.operations import Answer, Asked, B, Nothing, Q, operation, reply
from api.problems import FieldError, invalid, not_found
from dialer.ports.store import Prompt
from dialer.ports.voice import NotSpeakable

LARGEST = 12 << 20  # bytes: a minute of WAV at 96 kHz
KINDS = ("audio/wav", "audio/mpeg", "audio/flac", "audio/ogg")


class PromptQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    words: Annotated[str, Field(min_length=1, max_length=500)] | None = Field(
        default=None,
        description="what it is played in place of; left out: the shipped phrase of that name",
    )


class PromptShown(BaseModel):
    owner: str = Field(description="a brand, or a client")
    phrase: str
    words: str = Field(description="what it is played in place of")
    digest: str = Field(description="SHA-256 of the audio as it is played")
    duration_ms: int
    updated_at: AwareDatetime

    @classmethod
    def of(cls, prompt: Prompt) -> Self:
        return cls(
            owner=prompt.owner,
            phrase=prompt.phrase,
            words=prompt.words,
            digest=prompt.digest,
            duration_ms=prompt.duration // timedelta(milliseconds=1),
            updated_at=prompt.updated_at,
        )


class PromptsShown(BaseModel):
    prompts: list[PromptShown]
    phrases: dict[str, str] = Field(description="the shipped phrases by their names: what may be recorded")


@operation(
    "Record a phrase",
    {
        HTTPStatus.CREATED: Answer("The recording.", PromptShown),
        HTTPStatus.OK: Answer("The recording, in place of an older one.", PromptShown),
    },
    uploads=KINDS,
)
async def put(asked: Asked[PromptQuery, Nothing]) -> web.StreamResponse:
    """For one brand, or for all campaigns of a client; a brand's own is played rather than its client's.

    A file of up to 60 s, in any of these kinds; it is levelled, and its silence cut, as synthesised speech is.
    """
    owner, service = await _owner(asked), asked.service
    phrase = asked.path["phrase"]
    words = asked.query.words or service.voice.phrases().get(phrase)
    if words is None:
        known = ", ".join(service.voice.phrases())
        what = f"there is no shipped phrase {phrase}; there are {known}; or say its words"
        raise invalid("the phrase is not known", [FieldError(parameter="words", detail=what)])
    async with spooled(asked.request, service.spool, LARGEST, service.limits) as body:
        try:
            audio = await service.voice.recorded(body.path)
        except NotSpeakable as error:
            raise invalid("this is no recording", [FieldError(pointer="#", detail=str(error))]) from error
    prompt = Prompt(
        owner=owner,
        phrase=phrase,
        words=" ".join(words.split()),
        digest=hashlib.sha256(audio).hexdigest(),
        duration=timedelta(seconds=len(audio) / 8000),
        updated_at=service.clock.now(),
        actor=asked.actor,
    )
    is_new = await service.store.put_prompt(prompt, audio)
    return reply(PromptShown.of(prompt), HTTPStatus.CREATED if is_new else HTTPStatus.OK)


@operation("List what is recorded", {HTTPStatus.OK: Answer("Of that brand or client.", PromptsShown)})
async def list_all(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    prompts = await asked.service.store.prompts([await _owner(asked)])
    phrases = dict(asked.service.voice.phrases())
    return reply(PromptsShown(prompts=[PromptShown.of(prompt) for prompt in prompts], phrases=phrases))


@operation("See a recording", {HTTPStatus.OK: Answer("What it is.", PromptShown)})
async def show(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    return reply(PromptShown.of(await _found(asked)))


@operation("Remove a recording", {HTTPStatus.OK: Answer("What it was; its words are synthesised again.", PromptShown)})
async def remove(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    prompt = await _found(asked)
    await asked.service.store.remove_prompt(prompt.owner, prompt.phrase, asked.service.clock.now(), asked.actor)
    return reply(PromptShown.of(prompt))


async def _found(asked: Asked[Q, B]) -> Prompt:
    owner = await _owner(asked)
    for prompt in await asked.service.store.prompts([owner]):
        if prompt.phrase == asked.path["phrase"]:
            return prompt
    raise not_found(f"recording {asked.path['phrase']} of {owner}")


async def _owner(asked: Asked[Q, B]) -> str:
    """A brand or a client that the key may speak for; to it, others do not exist."""
    owner: str = asked.path["owner"]
    brand = await asked.service.store.brand(owner)
    whose = owner if brand is None else brand.settings.client_id
    if asked.client_id not in (None, whose):
        raise not_found(f"brand or client {owner}")
    return owner
