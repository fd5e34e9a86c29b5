"""What does a contact's message say, and where is its audio? The voice port on the texts and phrases of ``audio``."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

from audio import message
from audio.grammar import Language
from audio.phrases import Phrase, Phrases
from audio.recorded import NotRecorded, recorded
from audio.speech import AudioFailed, Forgotten, Unspoken
from audio.storage import StorageFailed
from audio.template import Template
from audio.voices import DEFAULT, Voices
from dialer.adapters import campaign_words, debtor_values, message_texts
from dialer.adapters.campaign_words import MachinePhrases
from dialer.adapters.recordings import Recordings, nothing_recorded
from dialer.adapters.spoken_flows import SpokenFlows
from dialer.core.brands import BrandSettings, to_callers
from dialer.core.cases import CaseRow, DebtorType
from dialer.core.languages import SpokenIn
from dialer.core.plan import CampaignSettings
from dialer.model import CampaignState, Mode
from dialer.ports.store import Campaign, Unvoiced, Voiced
from dialer.ports.voice import NotSpeakable, Unusable, VoiceAway

_Spoken = tuple[str | None, Language | None]
"""What is said on calls of a campaign, or of none; in its own language, or in another one."""


class SpokenMessages:
    """Messages composed from a campaign's text and a debtor's cases, rendered by the phrase cache."""

    def __init__(
        self, phrases: Phrases, voices: Voices, flows: SpokenFlows, recordings: Recordings = nothing_recorded
    ) -> None:
        """``phrases`` speaks with the voice of campaigns that name none."""
        self._flows = flows
        self._phrases = phrases
        self._voices = voices
        self._recordings = recordings
        self._standing: dict[_Spoken, Mapping[str, Phrase]] = {}
        self._standing_keys: set[str] = set()
        self._machines: dict[_Spoken, MachinePhrases] = {}  # of campaigns that ask for machines

    async def make_ready(self, campaigns: Sequence[Campaign]) -> None:
        """Before the first call: the phrases that any call may need, in the voices of the campaigns.

        Raises:
            AudioFailed: a voice that is needed cannot speak; the message says what to do.
        """
        for name, by in {DEFAULT: "for campaigns that name none", **voices_wanted(campaigns)}.items():
            if problem := await asyncio.to_thread(self._missing, name):
                raise AudioFailed(f"voice {name}, {by}: {problem}")
        await self._prepare_standing((None, None), None)
        for campaign in campaigns:
            if campaign.state is not CampaignState.STOPPED:
                for language in campaign.settings.speaks:
                    await self._make_ready(campaign.id, campaign.settings, language)

    async def _make_ready(self, campaign_id: str, settings: CampaignSettings, language: str) -> None:
        said = await self._in_language(settings, language)
        spoken = campaign_id, None if said is settings else Language(language)
        phrases, recorded = await self._prepare_standing(spoken, said)
        with suppress(NotSpeakable):  # its contacts will say so, and not be called
            await self._prepare_for_machines(spoken, said, phrases, recorded, datetime.now(UTC).date())

    def standing(self, campaign_id: str | None, language: Language | None = None) -> Mapping[str, Phrase]:
        """The phrases that any call of the campaign may need, by their words; of none, in the first voice.

        Args:
            language: None: the campaign's own.
        """
        own = self._standing.get((campaign_id, None)) or self._standing[None, None]
        return self._standing.get((campaign_id, language), own)

    def for_machines(self, campaign_id: str, language: Language | None = None) -> MachinePhrases | None:
        """What is played where machines are told from people; None where the campaign does not ask for it."""
        return self._machines.get((campaign_id, language)) or self._machines.get((campaign_id, None))

    def has(self, message_key: str) -> bool:
        """Whether it can be played as a whole, and broken off: greeting and farewell are phrases of their own."""
        try:
            is_there = self._phrases.has(message_key) or self._flows.has(message_key)
            return is_there and all(map(self._phrases.has, self._standing_keys))
        except StorageFailed:
            return False  # what cannot be read cannot be played

    async def render(self, contact: Unvoiced, settings: CampaignSettings, day: date) -> Voiced:
        _refuse_unspeakable(contact, settings)
        said, of = (
            await self._in_language(settings, contact.cases[0].debtor.language),
            owner(settings.client_id, contact.cases),
        )
        language = Language(said.language)
        spoken = contact.campaign_id, None if said is settings else language
        try:
            phrases, recorded = await self._prepare_standing(spoken, said)
            await self._prepare_for_machines(spoken, said, phrases, recorded, day)
            if said.scenario is not None:
                values = debtor_values.values(contact.cases, said, day)
                key, words = await self._flows.render(phrases, said, values, day, of, recorded)
                return Voiced(contact.contact_id, key, words, day)
            sentences = message_texts.text(contact, said, day)
            made = await message.prepare(sentences, phrases, owner=of, recorded=recorded, language=language)
        except (Unspoken, Forgotten) as error:
            raise NotSpeakable(str(error)) from error
        except AudioFailed as error:
            raise VoiceAway(str(error)) from error
        return Voiced(contact.contact_id, made.body_key, made.text, day)

    def forget(self, client_id: str, debtor_id: str) -> int:
        """Remove all audio that was made for that debtor, in whatever voice; how many files there were. Blocks."""
        return self._phrases.forget(f"{client_id}/{debtor_id}")

    def phrases(self) -> Mapping[str, str]:
        return message.NAMED

    async def recorded(self, upload: Path) -> bytes:
        try:
            return await asyncio.to_thread(lambda: recorded(upload.read_bytes()))
        except NotRecorded as error:
            raise NotSpeakable(str(error)) from error

    async def unheard(self, voice: str) -> str | None:
        problem = await asyncio.to_thread(self._missing, voice)
        return f"voice {voice} cannot be used: {problem}; there are: {', '.join(self._voices)}" if problem else None

    async def unanswerable(self, brand_id: str, brand: BrandSettings) -> str | None:
        if brand.answers_with is None:
            return "no scenario is named"
        if brand.client_id is None:
            return "scenarios are of clients, and the brand is of none"
        settings = to_callers(brand_id, brand)
        if unheard := await asyncio.to_thread(self._unheard, settings, None):
            return unheard[0].detail
        return await self._flows.unanswerable(settings)

    async def answering(self, brand_id: str, brand: BrandSettings, day: date) -> str:
        settings = to_callers(brand_id, brand)
        values = campaign_words.values(settings)
        try:
            phrases, recorded = await self._prepare_standing((to_brand(brand_id), None), settings)
            key, _ = await self._flows.render(phrases, settings, values, day, to_brand(brand_id), recorded)
        except (Unspoken, Forgotten) as error:
            raise NotSpeakable(str(error)) from error
        except AudioFailed as error:
            raise VoiceAway(str(error)) from error
        return key

    async def problems(self, settings: CampaignSettings) -> Sequence[Unusable]:
        problems = [
            *await self._problems(settings),
            *await self._problems_of_promises(settings, settings, settings.language),
        ]
        for language, other in settings.languages.items():
            said = await self._in_language(settings, language)
            found = [] if said is settings else await self._problems(said)
            if said is settings is not settings.in_language(language):
                found = [Unusable("voice", f"no voice here speaks {language}: name one in DZWONEK_VOICES")]
            found += await self._problems_of_promises(settings, other, language)
            problems += [Unusable(f"languages/{language}/{each.field}", each.detail) for each in found]
        return problems

    async def _problems(self, settings: CampaignSettings) -> list[Unusable]:
        """With what is said in one language."""
        template, problems = (None, []) if settings.scenario is not None else message_texts.written(settings)
        problems += campaign_words.problems(settings)
        problems += await self._flows.problems(settings) if settings.scenario is not None else []
        return [*problems, *await asyncio.to_thread(self._unheard, settings, template)]

    async def _problems_of_promises(
        self, settings: CampaignSettings, said: CampaignSettings | SpokenIn, language: str
    ) -> list[Unusable]:
        found = []
        for what in said.said_of_promises():
            speaking = settings.speaking_of(what).in_language(language)
            found += [Unusable(f"promise_{what}", each.detail) for each in await self._flows.problems(speaking)]
        return found

    def _unheard(self, settings: CampaignSettings, template: Template | None) -> list[Unusable]:
        name, language = settings.voice or DEFAULT, Language(settings.language)
        if problem := self._missing(name):
            there = ", ".join(self._voices.ready(language)) or "none"
            return [Unusable("voice", f"voice {name} cannot be used: {problem}; voices that can: {there}")]
        voice = self._voices[name]
        if voice.language is not language:
            return [Unusable("voice", f"{name} speaks {voice.language}, and what it is to say is in {language}")]
        if voice.engine.is_online and template is not None and template.personal:
            kept = ", ".join(f"{{{name}}}" for name in sorted(template.personal))
            return [Unusable("voice", f"what is said to {name} leaves the machine, and {kept} may not: name another")]
        return []

    def _missing(self, name: str) -> str | None:
        return self._voices.missing(name) if name in self._voices else "there is no such voice"

    async def _in_language(self, settings: CampaignSettings, language: str) -> CampaignSettings:
        """What a debtor of that language hears: the campaign's own language, if no voice speaks the other."""
        said = settings.in_language(language)
        if said.language == settings.language or said.voice is not None:
            return said
        there = await asyncio.to_thread(self._voices.ready, Language(language))
        return said.model_copy(update={"voice": there[0]}) if there else settings

    async def _prepare_standing(
        self, spoken: _Spoken, settings: CampaignSettings | None
    ) -> tuple[Phrases, Mapping[str, Phrase]]:
        """Which also keeps them from being evicted. Returns who speaks, and what is recorded instead."""
        voice = settings.voice if settings else None
        phrases = self._phrases.speaking(self._voices[voice or DEFAULT].engine)
        recorded = await self._recordings(settings) if settings else message.NOTHING_RECORDED
        language = Language(settings.language) if settings else Language.POLISH
        self._standing[spoken] = await message.prepare_standing(phrases, recorded, language)
        if spoken[1] is None:  # it may have been another one's before
            self._standing.pop((spoken[0], language), None)
        self._know_keys()
        return phrases, recorded

    def _know_keys(self) -> None:
        standing = {phrase.key for phrases in self._standing.values() for phrase in phrases.values()}
        self._standing_keys = standing.union(*(machines.keys for machines in self._machines.values()))

    async def _prepare_for_machines(
        self,
        spoken: _Spoken,
        settings: CampaignSettings,
        phrases: Phrases,
        recorded: Mapping[str, Phrase],
        day: date,
    ) -> None:
        """Before a contact of the campaign is rendered: no audio, no dial."""
        if settings.machine_detection:
            self._machines[spoken] = await campaign_words.prepare(phrases, settings, recorded, day)
            self._know_keys()


def to_brand(brand_id: str) -> str:
    """Under which name the phrases stand that callers of a brand may need."""
    return f"to {brand_id}"


def voices_wanted(campaigns: Sequence[Campaign]) -> dict[str, str]:
    """The voices that campaigns name which are not stopped, each with who wants it."""
    wanted: dict[str, list[str]] = {}
    for campaign in campaigns:
        if campaign.settings.voice and campaign.state is not CampaignState.STOPPED:
            wanted.setdefault(campaign.settings.voice, []).append(campaign.id)
    return {name: f"used by {', '.join(users)}" for name, users in wanted.items()}


def owner(client_id: str, cases: Sequence[CaseRow]) -> str:
    """Whose audio the message is."""
    return f"{client_id}/{cases[0].debtor.id}"


def _refuse_unspeakable(contact: Unvoiced, settings: CampaignSettings) -> None:
    if not contact.cases:
        raise NotSpeakable("no case is left to speak of")
    is_spoken = settings.mode is Mode.MESSAGE
    if is_spoken and settings.may_tell_of_debt and contact.cases[0].debtor.type is DebtorType.PERSON:
        raise NotSpeakable("a person, in a campaign that may tell companies of their debts")
