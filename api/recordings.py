"""Which talks were recorded, and what was said in them?"""

from http import HTTPStatus
from typing import Annotated, Self

from aiohttp import web
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.operations import Answer, Asked, CampaignId, Nothing, operation, reply
from api.pages import Limit, going_on
from api.problems import not_found
from dialer.ports.store import RecordedTalk

WAV = "audio/wav"


class RecordingsQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    campaign_id: CampaignId | None = Field(default=None, description="only this campaign's")
    after: Annotated[str, Field(pattern=r"^[0-9a-f]{0,32}$")] = Field(
        default="", description="the last attempt_id of the page before"
    )
    limit: Limit = 100


class RecordingShown(BaseModel):
    attempt_id: str
    client_id: str
    campaign_id: str
    contact_id: int
    debtor_id: str
    agent_id: str | None
    begun_at: AwareDatetime
    bytes: int | None = Field(description="of the file; null: nothing was said, or it is gone")

    @classmethod
    def of(cls, talk: RecordedTalk, size: int | None) -> Self:
        return cls(
            attempt_id=talk.attempt_id,
            client_id=talk.client_id,
            campaign_id=talk.campaign_id,
            contact_id=talk.contact_id,
            debtor_id=talk.debtor,
            agent_id=talk.agent_id,
            begun_at=talk.begun_at,
            bytes=size,
        )


class RecordingsShown(BaseModel):
    recordings: list[RecordingShown]
    next: str | None = Field(description="the address of the next page; null: there is none")


@operation(
    "List recorded talks",
    {HTTPStatus.OK: Answer("A page, in the order of the calls.", RecordingsShown)},
    shows_people=True,
)
async def list_all(asked: Asked[RecordingsQuery, Nothing]) -> web.StreamResponse:
    query, service = asked.query, asked.service
    found = await service.store.recorded_talks(asked.client_id, query.campaign_id, query.after, query.limit)
    following = going_on(asked.request, query, found[-1].attempt_id) if len(found) == query.limit else None
    shown = []
    for talk in found:
        file = service.tapes.file(talk.attempt_id)
        shown.append(RecordingShown.of(talk, file.stat().st_size if file else None))
    return reply(RecordingsShown(recordings=shown, next=following))


@operation(
    "Take a recording out",
    {HTTPStatus.OK: Answer("Both voices, 8 kHz.", media=WAV, schema={"type": "string", "format": "binary"})},
    shows_people=True,
)
async def audio(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    """It is written down in the audit log who took it."""
    attempt_id, service = asked.path["attempt_id"], asked.service
    talk, file = await service.store.recorded_talk(attempt_id), service.tapes.file(attempt_id)
    if talk is None or asked.client_id not in (None, talk.client_id):
        raise not_found(f"recording of {attempt_id}")
    if file is None:
        raise not_found(f"file of the recording of {attempt_id}: nothing was said, or it is gone")
    await service.store.note_recording_heard(talk, service.clock.now(), asked.actor)
    return web.FileResponse(file, headers={"Content-Type": WAV, "Cache-Control": "no-store"})
