"""Does a campaign tell answering machines from people, and what do they get?"""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from dialer.core.callback_hours import Reachable
from dialer.model import Voicemail

SHIPPED_VOICEMAIL = "call_back"

VoicemailPolicy = Annotated[
    Voicemail | Literal["limited"],  # which is how call lists name the message
    Field(description="what a machine gets; left out: it is hung up on. Needs machine_detection"),
]
VoicemailMessage = Annotated[
    str, Field(min_length=1, max_length=1000, description="what is left with a machine, in words for anybody")
]


class VoicemailSettings(Reachable, BaseModel):
    """What becomes of calls that a machine answers; it is told when to call back."""

    machine_detection: Annotated[
        bool, Field(description="whether answering machines are told from people; in doubt it is a person")
    ] = False
    voicemail: VoicemailPolicy | None = None
    voicemail_message: VoicemailMessage = SHIPPED_VOICEMAIL

    @property
    def machines_get(self) -> Voicemail | None:
        """None: nobody asks whether a machine has answered."""
        if not self.machine_detection:
            return None
        return Voicemail.MESSAGE if self.voicemail == "limited" else self.voicemail or Voicemail.HANG_UP
