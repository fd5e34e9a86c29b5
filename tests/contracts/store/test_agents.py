"""Is everybody who was logged in found again as they were?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from dialer.adapters.store import SqlStore
from dialer.core.agent_events import LogoutAsked, PauseAsked
from dialer.core.agents import Agent, AgentState
from dialer.core.audit import Action
from dialer.core.call import End
from dialer.core.listening import ListenMode
from dialer.model import AgentProfile, LegKind
from dialer.ports.store import AuditFilter, Conflict, Listened, TalkBegun
from tests.support.stores import NOW, lease, ready_all, row, settings, take

ANNA = AgentProfile("anna", "Anna", "phone-1", frozenset({"pl", "de"}), LegKind.RING)


async def test_a_new_agent_is_logged_out(store: SqlStore) -> None:
    await store.put_agent(ANNA, NOW, "key:a")
    assert await store.agents() == [(ANNA, Agent("anna", NOW))]


async def test_a_changed_profile_leaves_what_the_agent_does_alone(store: SqlStore) -> None:
    await store.put_agent(ANNA, NOW, "key:a")
    busy = Agent("anna", NOW, AgentState.TALKING, attempt_id="call", has_line=True)
    await store.save_agents([busy], [])
    changed = replace(ANNA, skills=frozenset({"pl"}))
    await store.put_agent(changed, NOW + timedelta(hours=1), "key:a")
    assert await store.agents() == [(changed, busy)]


async def test_wishes_are_kept(store: SqlStore) -> None:
    await store.put_agent(ANNA, NOW, "key:a")
    for wish in (PauseAsked(NOW, "lunch"), LogoutAsked(NOW), None):
        agent = Agent("anna", NOW, AgentState.TALKING, attempt_id="call", has_line=True, then=wish)
        await store.save_agents([agent], [])
        assert await store.agents() == [(ANNA, agent)]


async def test_a_telephone_has_one_agent(store: SqlStore) -> None:
    await store.put_agent(ANNA, NOW, "key:a")
    with pytest.raises(Conflict, match="anna"):
        await store.put_agent(replace(ANNA, id="bert"), NOW, "key:a")
    assert [profile.id for profile, _ in await store.agents()] == ["anna"]


async def test_a_talk_is_found_again_while_its_attempt_is_open(store: SqlStore) -> None:
    await store.put_campaign("RENT", settings(), NOW, None)
    await take(store, "B-1", row("D1"))
    await ready_all(store)
    [attempt] = await lease(store)
    talk = TalkBegun(attempt.id, "anna", NOW)
    await store.save_agents([], [talk])
    assert await store.open_talks() == [talk]


async def test_who_listened_to_an_agent_is_written_down(store: SqlStore) -> None:
    asked = Listened("anna", "asked", NOW, "key:boss", "boss", ListenMode.WHISPER)
    ended = Listened("anna", "ended", NOW + timedelta(minutes=5), "key:boss", "boss", ListenMode.WHISPER, End.NORMAL)
    await store.note_listening([asked], NOW)
    await store.note_listening([ended], NOW)
    entries = [each.change for each in await store.audit(AuditFilter(action=Action.AGENT_LISTENED), 0, 10)]
    said = {"phone": "boss", "mode": "whisper"}
    assert [(each.subject, each.actor, each.at, each.after) for each in entries] == [
        ("anna", "key:boss", NOW, said | {"listening": "asked"}),
        ("anna", "key:boss", NOW + timedelta(minutes=5), said | {"listening": "ended", "why": "normal"}),
    ]


async def test_who_changed_an_agent_is_written_down(store: SqlStore) -> None:
    await store.put_agent(ANNA, NOW, "key:a")
    await store.put_agent(replace(ANNA, name="Anna N."), NOW, "key:b")
    await store.note_command("anna", "pause", "lunch", NOW, "key:c")
    entries = [each.change for each in await store.audit(AuditFilter(subject="anna"), 0, 10)]
    assert [(each.action, each.actor) for each in entries] == [
        (Action.AGENT_CREATED, "key:a"),
        (Action.AGENT_CHANGED, "key:b"),
        (Action.AGENT_COMMANDED, "key:c"),
    ]
    assert entries[1].after == {"name": "Anna N."}
