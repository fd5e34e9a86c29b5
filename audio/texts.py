"""Which message texts are shipped?"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from audio.grammar import Language
from audio.polish.names import is_addressed_surely
from audio.template import Template
from audio.values import Person

_OPENING = (
    "{greeting}. Dzwonimy z firmy {brand_neutral}. To jest wiadomość automatyczna, odczytywana głosem syntetycznym. "
)
_PLEASE_CALL_BACK = (
    "Prosimy o kontakt pod numerem {callback}, {hours}. Przy kontakcie prosimy podać numer: {case}. "
    "Powtarzam numer telefonu: {callback}. Dziękujemy."
)

# Safe for any listener: whom it is for and whom to call, nothing of the debt.
CALL_BACK = Template.parse(
    f"{_OPENING}Ta wiadomość jest przeznaczona dla {{honor_gen}} {{name_gen}}. {_PLEASE_CALL_BACK}"
)
CALL_BACK_NEUTRAL_FRAME = Template.parse(
    f"{_OPENING}Wiadomość jest przeznaczona dla osoby: {{name}}. {_PLEASE_CALL_BACK}"
)
CALL_BACK_COMPANY = Template.parse(f"{_OPENING}Wiadomość jest przeznaczona dla firmy {{company}}. {_PLEASE_CALL_BACK}")

# Instead of an agent, when none is free in time (B13). By whose order, and of what, is not for whoever answers.
NOBODY_FREE = Template.parse(
    "{greeting}. Dzwoniliśmy z firmy {brand_neutral}. Przepraszamy, w tej chwili wszyscy konsultanci są zajęci. "
    "Nasz numer to {callback}. Aby zrezygnować z połączeń, proszę nacisnąć dziewięć. Do widzenia."
)

# Instead of silence, while a machine would be found out.
PLEASE_WAIT = Template.parse("{greeting}. Dzwonimy z firmy {brand_neutral}. Proszę chwilę poczekać na połączenie.")

# Left with a machine: anybody may hear it (the flow S08_voicemail).
VOICEMAIL = Template.parse(
    "{greeting}. Wiadomość od firmy {brand_neutral}. Prosimy o kontakt pod numerem {callback}, {hours}. "
    "Powtarzam: {callback}. Dziękujemy."
)

# To companies only, which have no private sphere: creditor, invoice and amount without asking who listens.
OVERDUE_COMPANY = Template.parse(
    f"{_OPENING}Wiadomość jest przeznaczona dla firmy {{company}}. "
    "Dzwonimy w imieniu firmy {creditor}. "
    "Informujemy, że do dnia {as_of_date} nie odnotowaliśmy wpłaty za fakturę numer {invoice}. "
    "Termin płatności minął {due_date}. Kwota do zapłaty: {amount}. "
    "Jeśli wpłata została już dokonana, dziękujemy i prosimy o zignorowanie tej wiadomości. "
    "W razie pytań prosimy o kontakt pod numerem {callback}. Dziękujemy."
)

# The same in English.
NOBODY_FREE_ENGLISH = Template.parse(
    "{greeting}. This was {brand_neutral} calling. We are sorry, all consultants are busy at the moment. "
    "Our number is {callback}. To stop calls, press nine. Goodbye.",
    Language.ENGLISH,
)
PLEASE_WAIT_ENGLISH = Template.parse(
    "{greeting}. This is {brand_neutral} calling. Please wait a moment to be connected.", Language.ENGLISH
)
VOICEMAIL_ENGLISH = Template.parse(
    "{greeting}. A message from {brand_neutral}. Please contact us on {callback}, {hours}. I repeat: {callback}. "
    "Thank you.",
    Language.ENGLISH,
)
_OPENING_ENGLISH = (
    "{greeting}. This is {brand_neutral} calling. This is an automated message read by a synthetic voice. "
)
_PLEASE_CALL_BACK_ENGLISH = (
    "Please contact us on {callback}, {hours}. When you call, please give this number: {case}. "
    "I repeat the telephone number: {callback}. Thank you."
)
CALL_BACK_ENGLISH = Template.parse(
    f"{_OPENING_ENGLISH}This message is for {{name}}. {_PLEASE_CALL_BACK_ENGLISH}", Language.ENGLISH
)
CALL_BACK_COMPANY_ENGLISH = Template.parse(
    f"{_OPENING_ENGLISH}This message is for {{company}}. {_PLEASE_CALL_BACK_ENGLISH}", Language.ENGLISH
)
OVERDUE_COMPANY_ENGLISH = Template.parse(
    f"{_OPENING_ENGLISH}This message is for {{company}}. We are calling on behalf of {{creditor}}. "
    "This is to inform you that by {as_of_date} we had not recorded a payment for invoice number {invoice}. "
    "It fell due on {due_date}. Amount to pay: {amount}. "
    "If you have already paid, thank you, please ignore this message. "
    "If you have any questions, please contact us on {callback}. Thank you.",
    Language.ENGLISH,
)


@dataclass(frozen=True, slots=True)
class Texts:
    """What is shipped in one language."""

    call_back: Template
    call_back_neutral_frame: Template  # for names whose forms are not certain
    call_back_company: Template
    overdue_company: Template
    nobody_free: Template
    please_wait: Template
    voicemail: Template

    def calls_back(self, person: Person) -> Template:
        """The neutral message to a person: in the neutral frame, unless the forms of the name are certain."""
        return self.call_back if is_addressed_surely(person) else self.call_back_neutral_frame


TEXTS: Mapping[Language, Texts] = MappingProxyType(
    {
        Language.POLISH: Texts(
            CALL_BACK,
            CALL_BACK_NEUTRAL_FRAME,
            CALL_BACK_COMPANY,
            OVERDUE_COMPANY,
            NOBODY_FREE,
            PLEASE_WAIT,
            VOICEMAIL,
        ),
        Language.ENGLISH: Texts(
            CALL_BACK_ENGLISH,
            CALL_BACK_ENGLISH,
            CALL_BACK_COMPANY_ENGLISH,
            OVERDUE_COMPANY_ENGLISH,
            NOBODY_FREE_ENGLISH,
            PLEASE_WAIT_ENGLISH,
            VOICEMAIL_ENGLISH,
        ),
    }
)
