"""Settings of a campaign that says no more than it has to."""

from typing import Any

from dialer.core.plan import CampaignSettings


def settings(**changes: Any) -> CampaignSettings:
    plain = {
        "client_id": "CL-CZYNSZ",
        "brand": "Spółdzielnia Fikcyjna",
        "brand_neutral": "Spółdzielnia Fikcyjna",
        "creditor": "Spółdzielnia Fikcyjna",
        "cli": "+48380000005",
        "callback_number": "+48380000055",
        "stages": ["overdue"],
    }
    return CampaignSettings.model_validate(plain | changes)
