"""Which words does a campaign's message have for a debtor, and may they be said?"""

import re
from collections.abc import Sequence
from datetime import date

from audio.grammar import Language
from audio.sentences import Sentence
from audio.template import InvalidTemplate, Template, UnspeakableValue
from audio.texts import TEXTS
from audio.tone import faults
from dialer.adapters.debtor_values import person_of, values
from dialer.core.cases import CaseRow, DebtorType
from dialer.core.languages import OVERDUE_COMPANY, SHIPPED
from dialer.core.plan import CampaignSettings
from dialer.model import Mode
from dialer.ports.store import Unvoiced
from dialer.ports.voice import NotSpeakable, Unusable

_SHIPPED_NAME = re.compile(r"[a-z][a-z0-9_]*")


def written(settings: CampaignSettings) -> tuple[Template | None, list[Unusable]]:
    """The text, and why it cannot be used."""
    name = settings.message
    if _SHIPPED_NAME.fullmatch(name) and name not in SHIPPED:
        return None, [Unusable("message", f"there is no shipped text {name!r}; there are: {', '.join(SHIPPED)}")]
    try:
        template = _template(settings, None)
    except InvalidTemplate as error:
        return None, [Unusable("message", problem) for problem in error.problems]
    approved = settings.tone_approval.words if settings.tone_approval else ()
    if harsh := [] if name in SHIPPED else faults(name, Language(settings.language), approved):
        remedy = "say it in other words, or let somebody approve it: tone_approval"
        return template, [Unusable("message", f"{found}: {remedy}") for found in harsh]
    if template.sensitive and not settings.may_tell_of_debt:
        disclosed = ", ".join(f"{{{name}}}" for name in sorted(template.sensitive))
        allowed = "allowed only for debtor_type company with identity none"
        return template, [Unusable("message", f"{disclosed} would tell whoever answers of the debt; {allowed}")]
    return template, []


def text(contact: Unvoiced, settings: CampaignSettings, day: date) -> list[Sentence]:
    """What is said to that contact on that day; NotSpeakable if something is missing."""
    if settings.mode is not Mode.MESSAGE:  # an agent speaks; there must be something to say if none is free
        sorry = TEXTS[Language(settings.language)].nobody_free
        return sorry.sentences(values(contact.cases, settings, day), today=day)
    try:
        return _template(settings, contact.cases).sentences(values(contact.cases, settings, day), today=day)
    except UnspeakableValue as error:
        raise NotSpeakable(str(error)) from error


def _template(settings: CampaignSettings, cases: Sequence[CaseRow] | None) -> Template:
    """The text for these cases; without cases, the one that discloses most of those that may be used."""
    language = Language(settings.language)
    shipped = TEXTS[language]
    if settings.message == OVERDUE_COMPANY and (cases is None or _is_one_claim_on_a_company(cases)):
        return shipped.overdue_company
    if settings.message not in SHIPPED:
        return Template.parse(settings.message, language)
    if cases is None:
        return shipped.call_back
    if cases[0].debtor.type is DebtorType.COMPANY:
        return shipped.call_back_company
    return shipped.calls_back(person_of(cases[0]))


def _is_one_claim_on_a_company(cases: Sequence[CaseRow]) -> bool:
    return len(cases) == 1 and cases[0].debtor.type is DebtorType.COMPANY and bool(cases[0].receivable.invoice_no)
