"""What does a campaign say that is the same for all its debtors?

To a machine, the limited message: anybody may hear it, so it names the brand, the number to call and its hours, and
nothing else. To a person who is to talk with an agent, who calls: it is heard while a machine would be found out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time

from audio import message
from audio.grammar import Language
from audio.phrases import Phrase, Phrases
from audio.template import InvalidTemplate, Template, UnspeakableValue
from audio.texts import TEXTS
from audio.tone import faults
from audio.values import OpeningHours, PhoneKind, PhoneNumber
from dialer.core.beep import BeepRules
from dialer.core.numbers import Number, NumberingPlan, normalise
from dialer.core.plan import CampaignSettings
from dialer.core.voicemail_settings import SHIPPED_VOICEMAIL
from dialer.ports.voice import NotSpeakable, Unusable

FOR_ANYBODY = frozenset({"brand", "brand_neutral", "callback", "hours"})


@dataclass(frozen=True, slots=True)
class MachinePhrases:
    """What is played where machines are told from people."""

    greeting: Phrase  # to whoever waits for an agent
    voicemail: Phrase
    silence: Phrase  # until the beep, for as long as a machine is waited for

    @property
    def keys(self) -> frozenset[str]:
        return frozenset((self.greeting.key, self.voicemail.key, self.silence.key))


async def prepare(
    phrases: Phrases, settings: CampaignSettings, recorded: Mapping[str, Phrase], today: date
) -> MachinePhrases:
    """Raises AudioFailed, or NotSpeakable where the campaign lacks what its text names."""

    async def phrase(template: Template) -> Phrase:
        try:
            said = template.sentences(values(settings), today=today)
        except UnspeakableValue as error:
            raise NotSpeakable(str(error)) from error
        spoken = await message.prepare(said, phrases, recorded=recorded)
        return Phrase(spoken.body_key, "", spoken.duration)  # its name alone is asked

    silence = await phrases.ensure_silence(BeepRules().longest_greeting)
    wait = TEXTS[Language(settings.language)].please_wait
    return MachinePhrases(await phrase(wait), await phrase(_voicemail(settings)), silence)


def problems(settings: CampaignSettings) -> list[Unusable]:
    """Why the limited message cannot be used, or what may be suspended cannot be named."""
    try:
        template = _voicemail(settings)
    except InvalidTemplate as error:
        return [Unusable("voicemail_message", problem) for problem in error.problems]
    approved = settings.tone_approval.words if settings.tone_approval else ()
    language = Language(settings.language)
    subject = [
        Unusable("block_subject", str(each)) for each in faults(settings.block_subject or "", language, approved)
    ]
    found = []
    if told := template.variables - FOR_ANYBODY:
        named = ", ".join(f"{{{name}}}" for name in sorted(told))
        allowed = ", ".join(f"{{{name}}}" for name in sorted(FOR_ANYBODY))
        found.append(f"anybody may hear what is left with a machine: not {named}; there are {allowed}")
    if settings.voicemail_message != SHIPPED_VOICEMAIL:
        found += map(str, faults(settings.voicemail_message, language, approved))
    return [*subject, *(Unusable("voicemail_message", each) for each in found)]


def values(settings: CampaignSettings) -> dict[str, object]:
    """The variables that are the same for all debtors."""
    known: dict[str, object | None] = {
        "brand": settings.brand,
        "brand_neutral": settings.brand_neutral,
        "callback": _phone(settings.callback_number),
        "hours": _hours(settings),
    }
    return {name: value for name, value in known.items() if value is not None}


def _voicemail(settings: CampaignSettings) -> Template:
    if settings.voicemail_message != SHIPPED_VOICEMAIL:
        return Template.parse(settings.voicemail_message, Language(settings.language))
    return TEXTS[Language(settings.language)].voicemail


def _phone(e164: str) -> PhoneNumber:
    # Only the grouping of its digits is asked here; whether it may be dialled is another question.
    number = normalise(e164, NumberingPlan.TEST)
    kind = PhoneKind(number.type) if isinstance(number, Number) else PhoneKind.FIXED
    return PhoneNumber(e164, kind if e164.startswith("+48") else PhoneKind.FOREIGN)


def _hours(settings: CampaignSettings) -> OpeningHours | None:
    """When somebody answers the call-back number; unless it is told, the hours in which the campaign itself calls."""
    told = settings.callback_hours or settings.windows
    days: dict[tuple[tuple[str, str], ...], set[int]] = {}  # which days have the same hours
    for day, windows in sorted(told.items()):
        days.setdefault(tuple(sorted(windows)), set()).add(int(day))
    spans = [
        OpeningHours(frozenset(weekdays), time.fromisoformat(opens), time.fromisoformat(closes))
        for windows, weekdays in days.items()
        for opens, closes in windows
    ]
    return replace(spans[0], also=tuple(spans[1:])) if spans else None
