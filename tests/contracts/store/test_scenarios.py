"""Does a scenario keep every version, and who approved it, and is only an approved one spoken?"""

from datetime import timedelta

import pytest

from dialer.adapters.store import SqlStore
from dialer.core.audit import Action
from dialer.core.scenarios import TRANSITIONS, ScenarioCommand, ScenarioState
from dialer.ports.store import AuditFilter, Conflict, Scenario
from tests.support.stores import NOW, contact_of, ready_all, row, settings, take

CLIENT = "CL-CZYNSZ"
NAME = "reminder"
FIRST = {"reminder.yaml": "flow: reminder"}
SECOND = {"reminder.yaml": "flow: reminder, friendlier"}
LATER = NOW + timedelta(hours=1)
APPROVE, RETIRE = ScenarioCommand.APPROVE, ScenarioCommand.RETIRE


async def draft(store: SqlStore, sources: dict[str, str]) -> Scenario:
    return await store.draft_scenario(CLIENT, NAME, sources, "key:test", NOW)


async def command(store: SqlStore, version: int, wanted: ScenarioCommand, by: str = "Anna Nowak") -> Scenario | None:
    return await store.command_scenario(CLIENT, NAME, version, wanted, by, "key:test", LATER)


async def test_a_draft_may_be_written_again(store: SqlStore) -> None:
    first, second = await draft(store, FIRST), await draft(store, SECOND)

    assert (first.version, second.version, second.state) == (1, 1, ScenarioState.DRAFT)
    assert await store.scenario(CLIENT, NAME, 1) == second


async def test_what_is_approved_is_never_changed(store: SqlStore) -> None:
    await draft(store, FIRST)
    await command(store, 1, APPROVE)

    second = await draft(store, SECOND)

    assert second.version == 2
    first = await store.scenario(CLIENT, NAME, 1)
    assert first is not None
    assert (first.sources, first.state, first.approved_by, first.approved_at) == (
        FIRST, ScenarioState.APPROVED, "Anna Nowak", LATER,
    )  # fmt: skip


async def test_the_same_words_are_the_same_version(store: SqlStore) -> None:
    await draft(store, FIRST)
    await command(store, 1, APPROVE)

    assert (await draft(store, FIRST)).version == 1


async def test_words_that_were_retired_are_approved_anew(store: SqlStore) -> None:
    await draft(store, FIRST)
    await command(store, 1, RETIRE)

    assert (await draft(store, FIRST)).version == 2


@pytest.mark.parametrize(("state", "wanted"), sorted({(s, c) for s in ScenarioState for c in ScenarioCommand}))
async def test_a_version_goes_forward_only(store: SqlStore, state: ScenarioState, wanted: ScenarioCommand) -> None:
    await draft(store, FIRST)
    if state is not ScenarioState.DRAFT:
        await command(store, 1, APPROVE if state is ScenarioState.APPROVED else RETIRE)

    if (state, wanted) in TRANSITIONS:
        after = await command(store, 1, wanted, by="Jan Zmyślony")
        assert after is not None
        assert after.state is TRANSITIONS[state, wanted]
        if state is ScenarioState.APPROVED:
            assert after.approved_by == "Anna Nowak"
    else:
        with pytest.raises(Conflict):
            await command(store, 1, wanted)


async def test_there_is_no_version_that_nobody_wrote(store: SqlStore) -> None:
    assert await command(store, 7, APPROVE) is None
    assert await store.scenario(CLIENT, NAME, 7) is None


async def test_each_client_sees_its_own(store: SqlStore) -> None:
    await draft(store, FIRST)
    await store.draft_scenario("CL-ENERGIA", NAME, SECOND, "key:test", NOW)

    assert [each.client_id for each in await store.scenarios(CLIENT)] == [CLIENT]
    assert [each.client_id for each in await store.scenarios(None, NAME)] == [CLIENT, "CL-ENERGIA"]
    assert await store.scenarios(CLIENT, "another") == []


async def test_what_is_retired_is_not_spoken_any_more(store: SqlStore) -> None:
    await draft(store, FIRST)
    await command(store, 1, APPROVE)
    await store.put_campaign("RENT", settings(scenario=NAME, scenario_version=1), NOW, None)
    await store.put_campaign("FLATS", settings(), NOW, None)
    await take(store, "B-1", row("D1"), row("D1", "FLATS/D1", "FLATS"))
    await ready_all(store)

    await command(store, 1, RETIRE)

    assert (await contact_of(store)).state == "waiting"
    assert (await contact_of(store, campaign="FLATS")).state == "ready"


async def test_whoever_approved_it_is_written_down_for_good(store: SqlStore) -> None:
    await draft(store, FIRST)
    await command(store, 1, APPROVE)

    [approved] = [
        each.change
        for each in await store.audit(AuditFilter(), 0, 1000)
        if each.change.action is Action.SCENARIO_APPROVED
    ]
    assert (approved.subject, approved.after["approved_by"], approved.actor) == (
        "reminder@1", "Anna Nowak", "key:test",
    )  # fmt: skip
