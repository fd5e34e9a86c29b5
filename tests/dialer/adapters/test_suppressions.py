"""Is nobody called who asked not to be, whatever the order in which wishes and lists come?"""

import asyncio
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.adapters.store import Database, SqlStore
from dialer.core import retry
from dialer.core.choice import Candidate
from dialer.core.retry import Done
from dialer.core.suppressions import Wish
from dialer.model import Attempt, Disposition, FinishReason
from dialer.ports.store import ContactFilter
from tests.support import stores
from tests.support.stores import FIXED, HORIZON, MOBILE, NOW, OTHER_MOBILE, RULES, calls, conclusion, follow, ready_all
from tests.support.suppressions import everywhere, suppress, wish, wrong

Listed = dict[str, list[str]]  # the numbers of each debtor
Step = Wish | Listed | int  # a wish, a list, or the wish to be lifted

NUMBERS, DEBTORS = st.sampled_from([MOBILE, OTHER_MOBILE, FIXED]), st.sampled_from(["D1", "D2"])
WISHES = st.one_of(
    st.builds(wish, NUMBERS),
    st.builds(lambda debtor: wish(debtor=debtor), DEBTORS),
    st.builds(wrong, NUMBERS, DEBTORS),
    st.builds(everywhere, NUMBERS),
)
LISTS = st.dictionaries(DEBTORS, st.lists(NUMBERS, min_size=1, max_size=3, unique=True), min_size=1)
STEPS = st.tuples(LISTS, st.lists(st.one_of(WISHES, st.integers(0, 2), LISTS), min_size=3, max_size=10)).map(
    lambda steps: [steps[0], *steps[1]]
)


class Run:
    """A store, and what is expected of it."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.wishes: dict[int, Wish] = {}  # in force
        self.listed: Listed = {}  # by the last list that named the debtor

    def forbids(self, debtor: str, number: str) -> bool:
        return any(each.number in (None, number) and each.debtor_ref in (None, debtor) for each in self.wishes.values())

    async def take(self, step: Step, now: datetime) -> None:
        if isinstance(step, Wish):
            kept = await suppress(self.store, step, now)
            self.wishes[kept.suppression.id] = step
        elif isinstance(step, int):
            for suppression in list(self.wishes)[step : step + 1]:
                await self.store.lift_suppression(suppression, "cli", now)
                del self.wishes[suppression]
        else:
            rows = [stores.row(debtor, numbers=numbers) for debtor, numbers in step.items()]
            await stores.take(self.store, f"B-{now:%d%H%M}", *rows, now=now)
            self.listed |= step

    async def call_all(self, now: datetime) -> list[tuple[str, str]]:
        """Whom the engine would call now, on which number; nothing is used up by it."""

        def decide(contact: Candidate) -> Attempt | Done | None:
            is_left = retry.number_to_call(contact.stand.numbers, RULES) is not None
            if contact.is_suppressed or not is_left:
                return Done(FinishReason.DO_NOT_CALL)
            answer = calls(now)(contact)
            return answer if isinstance(answer, Attempt) else None

        await ready_all(self.store, now)
        attempts = await self.store.lease(1, 10, decide, now, HORIZON)
        debtors = {
            each.id: each.debtor_ref for each in await self.store.contacts(ContactFilter(campaign_id="RENT"), 0, 10)
        }
        ended = [conclusion(each, Disposition.WITHDRAWN) for each in attempts]
        await self.store.conclude(ended, follow)
        return [(debtors[each.contact_id], each.number) for each in attempts]

    def expected(self) -> set[str]:
        """The debtors who are called, for one of their numbers is left."""
        return {debtor for debtor, of in self.listed.items() if not all(self.forbids(debtor, number) for number in of)}


def moments() -> Iterator[datetime]:
    """Each long enough after the one before for whoever was called to be due again."""
    return (NOW + timedelta(hours=3 * place) for place in range(1000))


async def _run(database: Database, steps: list[Step]) -> None:
    run = Run(SqlStore(database))
    await run.store.put_campaign("RENT", stores.settings(), NOW, None)
    for step, now in zip(steps, moments(), strict=False):
        await run.take(step, now)
        called = await run.call_all(now + timedelta(hours=2)) if run.listed else []
        assert not [each for each in called if run.forbids(*each)]
        assert {debtor for debtor, _ in called} == run.expected()


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_whatever_the_order_nobody_suppressed_is_called_and_everybody_else_is(
    migrated_file: Path, steps: list[Step]
) -> None:
    path = migrated_file.with_name("order.db")
    for left in migrated_file.parent.glob("order.db*"):
        left.unlink()
    shutil.copy(migrated_file, path)
    database = Database(f"sqlite:///{path}")

    async def run() -> None:
        try:
            await _run(database, steps)
        finally:
            await database.close()

    asyncio.run(run())
