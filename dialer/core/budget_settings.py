"""How often may a campaign's debtors and their telephones be called?"""

from datetime import timedelta
from decimal import Decimal

from pydantic import BaseModel

from dialer.core.plan_fields import DebtorGap, Most, RestHours, minutes
from dialer.model import Budget


class BudgetSettings(BaseModel):
    """How much a debtor and a telephone may be called, over all campaigns of the client; null is no limit."""

    max_per_debtor_day: Most | None = None
    max_per_debtor_7_days: Most | None = None
    max_per_number_day: Most | None = None
    max_per_number_7_days: Most | None = None
    max_answered_day: Most | None = None
    min_gap_minutes: DebtorGap | None = None
    rest_after_conversation_hours: RestHours = Decimal(0)
    rest_after_abandoned_hours: RestHours = Decimal(0)

    def budget(self, shortest: timedelta) -> Budget:
        """``shortest``: the plan's own time between two attempts."""
        return Budget(
            per_debtor_day=self.max_per_debtor_day,
            per_debtor_7_days=self.max_per_debtor_7_days,
            per_number_day=self.max_per_number_day,
            per_number_7_days=self.max_per_number_7_days,
            answered_per_day=self.max_answered_day,
            gap=shortest if self.min_gap_minutes is None else minutes(self.min_gap_minutes),
            rest_after_conversation=timedelta(hours=float(self.rest_after_conversation_hours)),
            rest_after_abandoned=timedelta(hours=float(self.rest_after_abandoned_hours)),
        )
