"""Which campaigns are there, and how does each stand?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dialer.core.feed import ENGINE
from dialer.core.mistaken import NOTHING_KNOWN, Mistaken
from dialer.core.plan import CampaignSettings, Mailing
from dialer.model import CampaignState, Lane


@dataclass(frozen=True, slots=True)
class Campaign:
    id: str
    state: CampaignState
    settings: CampaignSettings
    revision: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class CampaignFigures:
    """How a campaign stands: contacts by state and by reason of their end, attempts by disposition."""

    contacts: Mapping[str, int]
    finished: Mapping[str, int]
    attempts: Mapping[str, int]  # "open" counts those without a disposition yet
    held: int  # contacts without a message, with the reason kept
    mistaken: Mistaken = NOTHING_KNOWN


class Campaigns(Protocol):
    async def campaign(self, campaign_id: str) -> Campaign | None: ...

    async def campaigns(self, client_id: str | None) -> Sequence[Campaign]:
        """All campaigns, or one client's, by id."""
        ...

    async def put_campaign(
        self,
        campaign_id: str,
        settings: CampaignSettings,
        now: datetime,
        revision: int | None,
        actor: str = ENGINE,
    ) -> Campaign:
        """Create it as a draft, or change its settings.

        Messages are rendered anew if their text may differ; whoever waits is judged anew if the wait may. Where its
        plan allows more, contacts go on for whom it was over; where it allows less, those beyond it are finished.

        Raises:
            Conflict: it belongs to another client, or is no longer at the revision given.
        """
        ...

    async def set_campaign_state(
        self, campaign_id: str, state: CampaignState, now: datetime, actor: str = ENGINE
    ) -> None: ...

    async def mailings(self, campaign_id: str) -> Mapping[str, Mailing]:
        """The settings of batches by which contacts of the campaign are called, or may be again, by batch id.

        A batch that is just being received is among them, if it may be about the campaign.
        """
        ...

    async def campaign_figures(self, campaign_id: str) -> CampaignFigures: ...

    async def lanes(self) -> Sequence[tuple[Lane, CampaignState]]:
        """Every lane with its campaign's state."""
        ...
