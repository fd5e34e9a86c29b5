"""Which scenarios are there, in which version, and who approved each?"""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dialer.adapters.store.audit import note
from dialer.adapters.store.campaign_tables import campaigns, scenarios
from dialer.adapters.store.contact_tables import contacts
from dialer.adapters.store.database import Database, change_cases_one_by_one
from dialer.adapters.store.messages import render_anew
from dialer.core.audit import Action, Change
from dialer.core.scenarios import TRANSITIONS, ScenarioCommand, ScenarioState
from dialer.ports.store import Conflict, Scenario

_OF_SCENARIO = [field.name for field in fields(Scenario)]
_VERSIONS = sa.select(scenarios).order_by(scenarios.c.client_id, scenarios.c.name, scenarios.c.version)
_ACTIONS = {
    ScenarioState.APPROVED: Action.SCENARIO_APPROVED,
    ScenarioState.RETIRED: Action.SCENARIO_RETIRED,
}


class SqlScenarios:
    def __init__(self, database: Database) -> None:
        self._db = database

    async def scenario(self, client_id: str, name: str, version: int) -> Scenario | None:
        return await self._db.read(_one, client_id, name, version)

    async def scenarios(self, client_id: str | None, name: str | None = None) -> Sequence[Scenario]:
        return await self._db.read(_all, client_id, name)

    async def draft_scenario(
        self, client_id: str, name: str, sources: Mapping[str, str], actor: str, now: datetime
    ) -> Scenario:
        return await self._db.write(_draft, client_id, name, sources, actor, now)

    async def command_scenario(
        self, client_id: str, name: str, version: int, command: ScenarioCommand, by: str, actor: str, now: datetime
    ) -> Scenario | None:
        return await self._db.write(_command, client_id, name, version, command, by, actor, now)


def _all(connection: sa.Connection, client_id: str | None, name: str | None) -> list[Scenario]:
    query = _VERSIONS if client_id is None else _VERSIONS.where(scenarios.c.client_id == client_id)
    return [_scenario(row) for row in connection.execute(query if name is None else query.where(_named(name)))]


def _named(name: str) -> sa.ColumnElement[bool]:
    return scenarios.c.name == name


def _is(client_id: str, name: str, version: int) -> sa.ColumnElement[bool]:
    return (scenarios.c.client_id == client_id) & _named(name) & (scenarios.c.version == version)


def _one(connection: sa.Connection, client_id: str, name: str, version: int) -> Scenario | None:
    row = connection.execute(sa.select(scenarios).where(_is(client_id, name, version))).one_or_none()
    return None if row is None else _scenario(row)


def _scenario(row: Any) -> Scenario:
    values = {name: getattr(row, name) for name in _OF_SCENARIO}
    return Scenario(**{**values, "state": ScenarioState(row.state)})


def _draft(
    connection: sa.Connection, client_id: str, name: str, sources: Mapping[str, str], actor: str, now: datetime
) -> Scenario:
    change_cases_one_by_one(connection)  # so that two at once do not take the same version
    versions = _all(connection, client_id, name)
    last = versions[-1] if versions else None
    if last is not None and dict(last.sources) == dict(sources) and last.state is not ScenarioState.RETIRED:
        return last
    if last is not None and last.state is ScenarioState.DRAFT:
        draft = replace(last, sources=dict(sources), created_at=now, created_by=actor)
    else:
        draft = Scenario(
            client_id, name, last.version + 1 if last else 1, ScenarioState.DRAFT, dict(sources), now, actor
        )
    _write(connection, draft, is_new=draft.version != (last.version if last else 0))
    note(connection, _changed(Action.SCENARIO_DRAFTED, draft, actor, now))
    return draft


def _command(
    connection: sa.Connection,
    client_id: str,
    name: str,
    version: int,
    command: ScenarioCommand,
    by: str,
    actor: str,
    now: datetime,
) -> Scenario | None:
    change_cases_one_by_one(connection)
    before = _one(connection, client_id, name, version)
    if before is None:
        return None
    state = TRANSITIONS.get((before.state, command))
    if state is None:
        raise Conflict(f"version {version} of {name} is {before.state}: {command} cannot follow")
    if state is before.state:
        return before
    if state is ScenarioState.APPROVED:
        after = replace(before, state=state, approved_at=now, approved_by=by)
    else:
        after = replace(before, state=state, retired_at=now, retired_by=actor)
    _write(connection, after, is_new=False)
    note(connection, _changed(_ACTIONS[state], after, actor, now, before))
    if state is ScenarioState.RETIRED:
        _fall_silent(connection, after)
    return after


def _write(connection: sa.Connection, scenario: Scenario, *, is_new: bool) -> None:
    values = {name: getattr(scenario, name) for name in _OF_SCENARIO}
    if is_new:
        connection.execute(scenarios.insert(), values)
    else:
        connection.execute(
            scenarios.update().where(_is(scenario.client_id, scenario.name, scenario.version)).values(values)
        )


def _fall_silent(connection: sa.Connection, scenario: Scenario) -> None:
    """No call that is not placed yet speaks it; one that is under way goes on."""
    query = sa.select(campaigns.c.id, campaigns.c.settings).where(campaigns.c.client_id == scenario.client_id)
    speaking = [
        row.id for row in connection.execute(query) if (scenario.name, scenario.version) in _spoken_by(row.settings)
    ]
    render_anew(connection, contacts.c.campaign_id.in_(speaking))


def _spoken_by(settings: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """The scenarios that a campaign names, with their versions, in whatever language."""
    others = settings.get("languages", {}).values()
    places = [settings.get("promise_reminder"), settings.get("promise_broken")]
    places += [other.get(name) for other in others for name in ("scenario", "promise_reminder", "promise_broken")]
    named = [(each["scenario"], each["version"]) for each in places if each]
    return [(settings.get("scenario"), settings.get("scenario_version")), *named]


def _changed(action: Action, scenario: Scenario, actor: str, now: datetime, before: Scenario | None = None) -> Change:
    was = {} if before is None else {"state": before.state}
    is_now = {"state": scenario.state, **({"approved_by": scenario.approved_by} if scenario.approved_by else {})}
    return Change(action, now, actor, scenario.client_id, scenario.label, was, is_now)
