"""In which language is a debtor spoken to?

A campaign has a language of its own, and may say the same in others. A debtor whose language is not among them hears
the campaign's own.
"""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from dialer.core.plan_fields import Text
from dialer.core.promises import Speaks
from dialer.core.scenarios import ScenarioVersion
from dialer.core.voicemail_settings import SHIPPED_VOICEMAIL, VoicemailMessage

CALL_BACK = "call_back"
OVERDUE_COMPANY = "overdue_company"
SPOKEN = ("pl", "en")  # debtors may have others
SHIPPED = (CALL_BACK, OVERDUE_COMPANY)  # texts that are there in every language

LanguageCode = Annotated[str, Field(pattern="^(pl|en)$")]
Message = Annotated[str, Field(min_length=1, max_length=4000)]


class SpokenIn(BaseModel):
    """What a campaign says in a language that is not its own. What is left out is said in the campaign's own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    voice: Text | None = Field(default=None, description="left out: this installation's first of that language")
    message: Message | None = Field(default=None, description="left out: the same one, if it is a shipped text")
    scenario: ScenarioVersion | None = Field(default=None, description="in place of the campaign's scenario")
    promise_reminder: ScenarioVersion | None = None
    promise_broken: ScenarioVersion | None = None
    block_subject: Text | None = None
    voicemail_message: VoicemailMessage = SHIPPED_VOICEMAIL

    def said_of_promises(self) -> Mapping[Speaks, ScenarioVersion]:
        named = {Speaks.REMINDER: self.promise_reminder, Speaks.BROKEN: self.promise_broken}
        return {what: scenario for what, scenario in named.items() if scenario is not None}

    def speaking_of(self, what: Speaks) -> Self:
        """The same, with what it says of promises in place of its scenario."""
        return self.model_copy(update={"scenario": self.said_of_promises().get(what)})

    @property
    def scenarios(self) -> list[ScenarioVersion]:
        """All that it names."""
        return [*([self.scenario] if self.scenario else []), *self.said_of_promises().values()]


class LanguageSettings(BaseModel):
    """In which language a campaign calls, and what it says in others."""

    language: Annotated[LanguageCode, Field(description="in which its calls speak")] = "pl"
    languages: dict[LanguageCode, SpokenIn] = Field(
        default={}, description="what debtors hear who are listed with another language"
    )

    @model_validator(mode="after")
    def _own_language_is_not_another(self) -> Self:
        if self.language in self.languages:
            raise ValueError(f"{self.language} is the campaign's own language: what is said in it stands beside it")
        return self
