"""How do campaigns, batches, contacts and attempts look to those who ask? Moments are UTC."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from dialer.core.codes import Code
from dialer.core.mistaken import Mistaken, Share
from dialer.core.plan import CampaignSettings
from dialer.core.rows.verdicts import Status
from dialer.model import CampaignState, ContactState, Disposition
from dialer.ports.store import AttemptView, Batch, BatchRow, Campaign, CampaignFigures, ContactView

_NO_EFFECT = "kept, and without effect in this version"


class Notice(BaseModel):
    """Something to know although the request was carried out."""

    about: str = Field(description="the field or the code it is about", examples=["voice", "W_NO_ROWS"])
    detail: str


class CampaignShown(BaseModel):
    campaign_id: str
    state: CampaignState
    revision: int = Field(description="of the settings; also the ETag")
    updated_at: datetime
    settings: CampaignSettings
    notices: list[Notice]

    @classmethod
    def of(cls, campaign: Campaign) -> Self:
        return cls(
            campaign_id=campaign.id,
            state=campaign.state,
            revision=campaign.revision,
            updated_at=campaign.updated_at,
            settings=campaign.settings,
            notices=list(_notices(campaign.settings)),
        )


def _notices(settings: CampaignSettings) -> Iterator[Notice]:
    for name in settings.not_enforced():
        yield Notice(about=name, detail=_NO_EFFECT)
    for name, why in settings.idle_settings(has_scenario=settings.scenario is not None):
        yield Notice(about=name, detail=why)


class CampaignsShown(BaseModel):
    campaigns: list[CampaignShown]


class MistakenShown(BaseModel):
    """How often agents said that it was not who the verdict said."""

    mistaken: int
    of: int = Field(description="calls with that verdict of which an agent said what came of them")
    low: float = Field(description="the share lies above it, and below `high`, in 95 of 100 such estimates")
    high: float

    @classmethod
    def of_share(cls, share: Share) -> Self:
        low, high = share.interval()
        return cls(mistaken=share.mistaken, of=share.of, low=round(low, 4), high=round(high, 4))


class DetectionShown(BaseModel):
    """Verdicts on who answered, and how far they may be trusted."""

    verdicts: dict[str, int] = Field(description="attempts by `person` and `machine`")
    machines_taken_for_people: MistakenShown
    people_taken_for_machines: MistakenShown = Field(
        description="of those who were with an agent before the verdict, or of whom somebody has said who they were"
    )

    @classmethod
    def of(cls, mistaken: Mistaken) -> Self:
        return cls(
            verdicts=dict(mistaken.verdicts),
            machines_taken_for_people=MistakenShown.of_share(mistaken.machines),
            people_taken_for_machines=MistakenShown.of_share(mistaken.people),
        )


class FiguresShown(BaseModel):
    """How a campaign stands."""

    campaign_id: str
    state: CampaignState
    engine_stopped: bool = Field(description="the global stop holds: no campaign is called, whatever its state")
    contacts: dict[ContactState, int] = Field(description="by state")
    finished: dict[str, int] = Field(description="finished contacts by reason")
    attempts: dict[str, int] = Field(description="by disposition; `open` has none yet")
    held: int = Field(description="contacts whose message cannot be made now; each shows why")
    detection: DetectionShown

    @classmethod
    def of(cls, campaign: Campaign, figures: CampaignFigures, *, engine_stopped: bool) -> Self:
        return cls(
            campaign_id=campaign.id,
            state=campaign.state,
            engine_stopped=engine_stopped,
            contacts={state: figures.contacts.get(state, 0) for state in ContactState},
            finished=dict(figures.finished),
            attempts=dict(figures.attempts),
            held=figures.held,
            detection=DetectionShown.of(figures.mistaken),
        )


class Counts(BaseModel):
    """Rows by verdict."""

    rows: int
    accepted: int
    accepted_blocked: int = Field(description="stored so that balances match, never dialled")
    duplicate: int
    rejected: int


class BatchShown(BaseModel):
    batch_id: str
    client_id: str | None = Field(description="who sent it; null: the operator")
    state: str = Field(description="receiving, done or failed")
    problem: str | None = Field(description="why it failed as a whole")
    counts: Counts
    received_at: datetime
    digest: str = Field(description="SHA-256 of the list, unpacked")
    notices: list[Notice]
    links: dict[str, str]

    @classmethod
    def of(cls, batch: Batch, links: Mapping[str, str]) -> Self:
        counts = Counts(rows=batch.counts.get("rows", 0), **{status: batch.counts.get(status, 0) for status in Status})
        return cls(
            batch_id=batch.batch_id,
            client_id=batch.owner or None,
            state=batch.state,
            problem=batch.problem,
            counts=counts,
            received_at=batch.received_at,
            digest=batch.digest,
            notices=[Notice(about=code, detail=f"{Code[code].meaning}: {detail}") for code, detail in batch.notices],
            links=dict(links),
        )


class RowShown(BaseModel):
    """One line of the verdicts."""

    row: int
    case_id: str
    status: Status
    codes: list[str]
    phones: list[str] = Field(description="`number:type`, in the order in which they are tried")

    @classmethod
    def of(cls, row: BatchRow) -> Self:
        return cls(
            row=row.row, case_id=row.case_id, status=Status(row.status), codes=list(row.codes), phones=list(row.phones)
        )


class NumberShown(BaseModel):
    number: str
    position: int = Field(description="1 is tried first")
    attempts: int = Field(description="those that count")
    retired: str | None = Field(description="why it is not called any more")


class ContactShown(BaseModel):
    contact_id: int
    campaign_id: str
    client_id: str
    debtor_id: str = Field(description="the client's own")
    state: ContactState
    finished: str | None = Field(description="why it is not called any more")
    due_at: datetime = Field(description="not before; the calling windows are asked besides")
    attempts: int
    held_because: str | None = Field(description="why there is no message yet")
    message_text: str | None
    numbers: list[NumberShown]
    cases: list[str] = Field(description="those the message speaks of")

    @classmethod
    def of(cls, contact: ContactView) -> Self:
        return cls(
            contact_id=contact.id,
            campaign_id=contact.campaign_id,
            client_id=contact.client_id,
            debtor_id=contact.debtor_ref,
            state=ContactState(contact.state),
            finished=contact.finished,
            due_at=contact.due_at,
            attempts=contact.attempts,
            held_because=contact.held_because,
            message_text=contact.message_text,
            numbers=[
                NumberShown(number=each.e164, position=each.position, attempts=each.attempts, retired=each.retired)
                for each in sorted(contact.numbers, key=lambda number: number.position)
            ],
            cases=list(contact.cases),
        )


class ContactsShown(BaseModel):
    contacts: list[ContactShown]
    next: str | None = Field(description="the address of the next page; null: this is the last")


class AttemptShown(BaseModel):
    """An attempt: its moments tell the story of the call."""

    attempt_id: str
    contact_id: int
    campaign_id: str
    ordinal: int = Field(description="1 for the contact's first")
    number: str
    message_key: str = Field(description="names the rendered audio of its message")
    disposition: Disposition | None = Field(description="null while it is open")
    counted: bool | None = Field(description="whether it uses up one of the allowed attempts")
    saved_at: datetime
    placed_at: datetime | None
    started_at: datetime | None
    rang_at: datetime | None
    answered_at: datetime | None
    waiting_at: datetime | None = Field(description="for an agent")
    joined_at: datetime | None = Field(description="with an agent")
    agent_id: str | None
    outcome: str | None = Field(description="of the talk, as the agent said in the wrap-up")
    message_at: datetime | None
    ended_at: datetime | None
    heard_seconds: float | None = Field(description="how much of the message was played")
    platform_code: str | None = Field(description="the switch's own word, for diagnosis only")
    trunk: str | None = Field(description="that carried the call; null while it is open, and where it is not known")
    flow: str | None = Field(description="what the callee was led through: name@version; null: a plain message")
    answers: dict[str, Any] | None = Field(
        description="what the callee told with keys, and `announced`: whether a flow's opening was heard to its end, "
        "which says who calls and that a machine speaks; null: nothing"
    )
    detection: dict[str, Any] | None = Field(
        description="whether a person or a machine answered, and by which measurements; null: not known"
    )

    @classmethod
    def of(cls, attempt: AttemptView) -> Self:
        return cls(
            attempt_id=attempt.id,
            contact_id=attempt.contact_id,
            campaign_id=attempt.campaign_id,
            ordinal=attempt.ordinal,
            number=attempt.number,
            message_key=attempt.message_key,
            disposition=Disposition(attempt.disposition) if attempt.disposition else None,
            counted=attempt.counted,
            saved_at=attempt.saved_at,
            placed_at=attempt.placed_at,
            started_at=attempt.started_at,
            rang_at=attempt.rang_at,
            answered_at=attempt.answered_at,
            waiting_at=attempt.waiting_at,
            joined_at=attempt.joined_at,
            agent_id=attempt.agent_id,
            outcome=attempt.outcome,
            message_at=attempt.message_at,
            ended_at=attempt.ended_at,
            heard_seconds=None if attempt.heard_ms is None else attempt.heard_ms / 1000,
            platform_code=attempt.platform_code,
            trunk=attempt.trunk,
            flow=attempt.flow,
            answers=None if attempt.answers is None else dict(attempt.answers),
            detection=None if attempt.detection is None else dict(attempt.detection),
        )


class AttemptsShown(BaseModel):
    attempts: list[AttemptShown]
    next: str | None = Field(default=None, description="the address of the next page; null: this is the last")


def attempts_shown(attempts: Sequence[AttemptView], following: str | None = None) -> AttemptsShown:
    return AttemptsShown(attempts=[AttemptShown.of(attempt) for attempt in attempts], next=following)
