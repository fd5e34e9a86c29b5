"""Which talks were recorded, and what was said in them?"""

from http import HTTPStatus
from typing import Self

from aiohttp import web
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.operations import Answer, Asked, CampaignId, Nothing, operation, reply
from api.pages import AfterCall, Limit, going_on
from api.problems import not_found
from dialer.core.inbound import is_to_us
from dialer.ports.store import RecordedTalk

WAV = "audio/wav"


class RecordingsQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    campaign_id: CampaignId | None = Field(default=None, description="only this campaign's")
    after: AfterCall = ""
    limit: Limit = 100


class RecordingShown(BaseModel):
    call_id: str = Field(description="by which it is taken out")
    attempt_id: str | None = Field(description="the same; null: they called us")
    client_id: str
    campaign_id: str | None
    contact_id: int | None
    debtor_id: str | None = Field(description="null: a caller's number is nobody's, or several debtors'")
    agent_id: str | None
    begun_at: AwareDatetime
    bytes: int | None = Field(description="of the file; null: nothing was said, or it is gone")

    @classmethod
    def of(cls, talk: RecordedTalk, size: int | None) -> Self:
        return cls(
            call_id=talk.call_id,
            attempt_id=None if is_to_us(talk.call_id) else talk.call_id,
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
    following = going_on(asked.request, query, found[-1].call_id) if len(found) == query.limit else None
    shown = []
    for talk in found:
        file = service.tapes.file(talk.call_id)
        shown.append(RecordingShown.of(talk, file.stat().st_size if file else None))
    return reply(RecordingsShown(recordings=shown, next=following))


@operation(
    "Take a recording out",
    {HTTPStatus.OK: Answer("Both voices, 8 kHz.", media=WAV, schema={"type": "string", "format": "binary"})},
    shows_people=True,
)
async def audio(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    """It is written down in the audit log who took it."""
    call_id, service = asked.path["call_id"], asked.service
    talk, file = await service.store.recorded_talk(call_id), service.tapes.file(call_id)
    if talk is None or asked.client_id not in (None, talk.client_id):
        raise not_found(f"recording of {call_id}")
    if file is None:
        raise not_found(f"file of the recording of {call_id}: nothing was said, or it is gone")
    await service.store.note_recording_heard(talk, service.clock.now(), asked.actor)
    return web.FileResponse(file, headers={"Content-Type": WAV, "Cache-Control": "no-store"})
