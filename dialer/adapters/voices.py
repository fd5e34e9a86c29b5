"""What does a contact's message say, and where is its audio? The voice port on the texts and phrases of ``audio``."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from audio import message, texts
from audio.grammar import Language
from audio.phrases import Phrase, Phrases, StorageFailed
from audio.recorded import NotRecorded, recorded
from audio.sentences import Sentence
from audio.speech import AudioFailed, Forgotten, Unspoken
from audio.template import InvalidTemplate, Template, UnspeakableValue
from audio.tone import faults
from audio.values import Currency, Money, Person, Sex
from audio.voices import DEFAULT, Voices
from dialer.adapters import campaign_words
from dialer.adapters.campaign_words import MachinePhrases
from dialer.adapters.recordings import Recordings, nothing_recorded
from dialer.adapters.spoken_flows import SpokenFlows
from dialer.core.brands import BrandSettings, to_callers
from dialer.core.calendar import after_working_days
from dialer.core.cases import CaseRow, DebtorType
from dialer.core.plan import CampaignSettings
from dialer.model import CampaignState, Mode
from dialer.ports.store import Campaign, Unvoiced, Voiced
from dialer.ports.voice import NotSpeakable, Unusable, VoiceAway

CALL_BACK = "call_back"
OVERDUE_COMPANY = "overdue_company"
_SHIPPED = (CALL_BACK, OVERDUE_COMPANY)
_SHIPPED_NAME = re.compile(r"[a-z][a-z0-9_]*")


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
        self._standing: dict[str | None, Mapping[str, Phrase]] = {}  # of each campaign
        self._standing_keys: set[str] = set()
        self._machines: dict[str, MachinePhrases] = {}  # of campaigns that ask for machines

    async def make_ready(self, campaigns: Sequence[Campaign]) -> None:
        """Before the first call: the phrases that any call may need, in the voices of the campaigns.

        Raises:
            AudioFailed: a voice that is needed cannot speak; the message says what to do.
        """
        for name, by in {DEFAULT: "for campaigns that name none", **voices_wanted(campaigns)}.items():
            if problem := await asyncio.to_thread(self._missing, name):
                raise AudioFailed(f"voice {name}, {by}: {problem}")
        await self._prepare_standing(None, None)
        for campaign in campaigns:
            if campaign.state is not CampaignState.STOPPED:
                phrases, recorded = await self._prepare_standing(campaign.id, campaign.settings)
                with suppress(NotSpeakable):  # its contacts will say so, and not be called
                    today = datetime.now(UTC).date()
                    await self._prepare_for_machines(campaign.id, campaign.settings, phrases, recorded, today)

    def standing(self, campaign_id: str | None) -> Mapping[str, Phrase]:
        """The phrases that any call of the campaign may need, by their words; of none, in the first voice."""
        return self._standing.get(campaign_id) or self._standing[None]

    def for_machines(self, campaign_id: str) -> MachinePhrases | None:
        """What is played where machines are told from people; None where the campaign does not ask for it."""
        return self._machines.get(campaign_id)

    def has(self, message_key: str) -> bool:
        """Whether it can be played as a whole, and broken off: greeting and farewell are phrases of their own."""
        try:
            is_there = self._phrases.has(message_key) or self._flows.has(message_key)
            return is_there and all(map(self._phrases.has, self._standing_keys))
        except StorageFailed:
            return False  # what cannot be read cannot be played

    async def render(self, contact: Unvoiced, settings: CampaignSettings, day: date) -> Voiced:
        _refuse_unspeakable(contact, settings)
        of = owner(settings.client_id, contact.cases)
        try:
            phrases, recorded = await self._prepare_standing(contact.campaign_id, settings)
            await self._prepare_for_machines(contact.campaign_id, settings, phrases, recorded, day)
            if settings.scenario is not None:
                values = _values(contact.cases, settings, day)
                key, words = await self._flows.render(phrases, settings, values, day, of, recorded)
                return Voiced(contact.contact_id, key, words, day)
            spoken = await message.prepare(_text(contact, settings, day), phrases, owner=of, recorded=recorded)
        except (Unspoken, Forgotten) as error:
            raise NotSpeakable(str(error)) from error
        except AudioFailed as error:
            raise VoiceAway(str(error)) from error
        return Voiced(contact.contact_id, spoken.body_key, spoken.text, day)

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
        return await self._flows.unanswerable(to_callers(brand_id, brand))

    async def answering(self, brand_id: str, brand: BrandSettings, day: date) -> str:
        settings = to_callers(brand_id, brand)
        values = campaign_words.values(settings)
        try:
            phrases, recorded = await self._prepare_standing(to_brand(brand_id), settings)
            key, _ = await self._flows.render(phrases, settings, values, day, to_brand(brand_id), recorded)
        except (Unspoken, Forgotten) as error:
            raise NotSpeakable(str(error)) from error
        except AudioFailed as error:
            raise VoiceAway(str(error)) from error
        return key

    async def problems(self, settings: CampaignSettings) -> Sequence[Unusable]:
        template, problems = (None, []) if settings.scenario is not None else _written(settings)
        problems += campaign_words.problems(settings)
        problems += await self._flows.problems(settings) if settings.scenario is not None else []
        for what in settings.said_of_promises():
            found = await self._flows.problems(settings.speaking_of(what))
            problems += [Unusable(f"promise_{what}", each.detail) for each in found]
        return [*problems, *await asyncio.to_thread(self._unheard, settings, template)]

    def _unheard(self, settings: CampaignSettings, template: Template | None) -> list[Unusable]:
        name, language = settings.voice or DEFAULT, Language(settings.language)
        if problem := self._missing(name):
            there = ", ".join(self._voices.ready(language)) or "none"
            return [Unusable("voice", f"voice {name} cannot be used: {problem}; voices that can: {there}")]
        voice = self._voices[name]
        if voice.language is not language:
            return [Unusable("voice", f"{name} speaks {voice.language}, the campaign is in {language}")]
        if voice.engine.is_online and template is not None and template.personal:
            kept = ", ".join(f"{{{name}}}" for name in sorted(template.personal))
            return [Unusable("voice", f"what is said to {name} leaves the machine, and {kept} may not: name another")]
        return []

    def _missing(self, name: str) -> str | None:
        return self._voices.missing(name) if name in self._voices else "there is no such voice"

    async def _prepare_standing(
        self, campaign_id: str | None, settings: CampaignSettings | None
    ) -> tuple[Phrases, Mapping[str, Phrase]]:
        """Which also keeps them from being evicted. Returns who speaks, and what is recorded instead."""
        voice = settings.voice if settings else None
        phrases = self._phrases.speaking(self._voices[voice or DEFAULT].engine)
        recorded = await self._recordings(settings) if settings else message.NOTHING_RECORDED
        language = Language(settings.language) if settings else Language.POLISH
        self._standing[campaign_id] = await message.prepare_standing(phrases, recorded, language)
        self._know_keys()
        return phrases, recorded

    def _know_keys(self) -> None:
        standing = {phrase.key for phrases in self._standing.values() for phrase in phrases.values()}
        self._standing_keys = standing.union(*(machines.keys for machines in self._machines.values()))

    async def _prepare_for_machines(
        self,
        campaign_id: str,
        settings: CampaignSettings,
        phrases: Phrases,
        recorded: Mapping[str, Phrase],
        day: date,
    ) -> None:
        """Before a contact of the campaign is rendered: no audio, no dial."""
        if settings.machine_detection:
            self._machines[campaign_id] = await campaign_words.prepare(phrases, settings, recorded, day)
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


def _written(settings: CampaignSettings) -> tuple[Template | None, list[Unusable]]:
    """The text, and why it cannot be used."""
    name = settings.message
    if _SHIPPED_NAME.fullmatch(name) and name not in _SHIPPED:
        return None, [Unusable("message", f"there is no shipped text {name!r}; there are: {', '.join(_SHIPPED)}")]
    if name in _SHIPPED and settings.language != Language.POLISH:
        remedy = "name a scenario in that language, or write a text"
        return None, [Unusable("message", f"{name} is shipped in {Language.POLISH} only: {remedy}")]
    try:
        template = _template(settings, None)
    except InvalidTemplate as error:
        return None, [Unusable("message", problem) for problem in error.problems]
    approved = settings.tone_approval.words if settings.tone_approval else ()
    if harsh := [] if name in _SHIPPED else faults(name, Language(settings.language), approved):
        remedy = "say it in other words, or let somebody approve it: tone_approval"
        return template, [Unusable("message", f"{found}: {remedy}") for found in harsh]
    if template.sensitive and not settings.may_tell_of_debt:
        disclosed = ", ".join(f"{{{name}}}" for name in sorted(template.sensitive))
        allowed = "allowed only for debtor_type company with identity none"
        return template, [Unusable("message", f"{disclosed} would tell whoever answers of the debt; {allowed}")]
    return template, []


def _refuse_unspeakable(contact: Unvoiced, settings: CampaignSettings) -> None:
    if not contact.cases:
        raise NotSpeakable("no case is left to speak of")
    is_spoken = settings.mode is Mode.MESSAGE
    if is_spoken and settings.may_tell_of_debt and contact.cases[0].debtor.type is DebtorType.PERSON:
        raise NotSpeakable("a person, in a campaign that may tell companies of their debts")


def _text(contact: Unvoiced, settings: CampaignSettings, day: date) -> list[Sentence]:
    if settings.mode is not Mode.MESSAGE:  # an agent speaks; there must be something to say if none is free
        sorry = texts.NOBODY_FREE if settings.language == Language.POLISH else texts.NOBODY_FREE_ENGLISH
        return sorry.sentences(_values(contact.cases, settings, day), today=day)
    try:
        return _template(settings, contact.cases).sentences(_values(contact.cases, settings, day), today=day)
    except UnspeakableValue as error:
        raise NotSpeakable(str(error)) from error


def _template(settings: CampaignSettings, cases: Sequence[CaseRow] | None) -> Template:
    """The text for these cases; without cases, the one that discloses most of those that may be used."""
    if settings.message == OVERDUE_COMPANY and (cases is None or _is_one_claim_on_a_company(cases)):
        return texts.OVERDUE_COMPANY
    if settings.message not in _SHIPPED:
        return Template.parse(settings.message, Language(settings.language))
    if cases is None:
        return texts.CALL_BACK
    if cases[0].debtor.type is DebtorType.COMPANY:
        return texts.CALL_BACK_COMPANY
    return texts.call_back(_person(cases[0]))


def _is_one_claim_on_a_company(cases: Sequence[CaseRow]) -> bool:
    return len(cases) == 1 and cases[0].debtor.type is DebtorType.COMPANY and bool(cases[0].receivable.invoice_no)


def _values(cases: Sequence[CaseRow], settings: CampaignSettings, today: date) -> dict[str, object]:
    first = cases[0]
    owed = first.receivable
    promised = min((case.promise.by for case in cases if case.promise), default=None)
    values: dict[str, object | None] = {
        "creditor": settings.creditor,
        "company": first.debtor.company_name,
        "case": first.case_no_spoken or first.case_id,
        "amount": _sum(cases),
        "invoice": owed.invoice_no,
        "acc4": owed.account_last4,
        "issue_date": owed.issue_date,
        "due_date": owed.due_date,
        "due_on": owed.due_date,
        "overdue_days": max(today - owed.due_date, timedelta()),
        "as_of_date": today,
        "deadline": _deadline(settings, today),
        "block_date": owed.block_date if owed.block_date and owed.block_date > today else None,
        "block_subject": settings.block_subject,
        "letter_date": owed.letter_date if owed.letter_date and owed.letter_date <= today else None,
        "registry": settings.registry,
        "promise_on": promised,
        "promise_date": promised,
    }
    if first.debtor.type is DebtorType.PERSON:
        person = _person(first)
        values |= dict.fromkeys(("name", "name_gen", "name_instr", "honor_gen", "honor_instr"), person)
    return campaign_words.values(settings) | {name: value for name, value in values.items() if value is not None}


def _deadline(settings: CampaignSettings, today: date) -> date | None:
    if settings.deadline_days is None:
        return None
    return after_working_days(today, settings.deadline_days - 1, settings.holidays)


def _person(case: CaseRow) -> Person:
    debtor = case.debtor
    return Person(
        debtor.first_name or "",
        debtor.last_name or "",
        Sex(debtor.sex) if debtor.sex else None,
        debtor.name_genitive,
        debtor.name_instrumental,
    )


def _sum(cases: Sequence[CaseRow]) -> Money | None:
    """One sum for all cases of the call; None if they are in several currencies."""
    currencies = {case.receivable.currency for case in cases}
    if len(currencies) > 1:
        return None
    return Money(
        sum((case.receivable.amount for case in cases), start=cases[0].receivable.amount * 0),
        Currency(currencies.pop()),
    )
