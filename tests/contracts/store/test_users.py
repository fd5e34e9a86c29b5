"""Are people who they were said to be, and does what ends a session really end it?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from dialer.adapters.store import SqlStore
from dialer.core.audit import Action
from dialer.core.lockout import FREE
from dialer.ports.store import AuditFilter, Conflict, Proof, Role, Session, Standing, User
from tests.support.stores import NOW

ANNA = User("anna", Role.CLIENT, "argon", client_id="CL-ENERGIA")
HOUR, IDLE = timedelta(hours=1), timedelta(minutes=30)
SECRET = "a" * 64


def session(id_: str = "dz1", user: str = "anna") -> Session:
    return Session(id_, user, "10.0.0.1", NOW, NOW, NOW + HOUR)


async def signed_in(store: SqlStore, user: User = ANNA) -> None:
    await store.add_user(user, NOW, "cli")
    assert await store.begin_session(session(user=user.name), SECRET, Proof())


async def opens(store: SqlStore, later: timedelta = timedelta(), secret: str = SECRET) -> bool:
    return await store.session("dz1", secret, NOW + later, IDLE) is not None


async def test_a_user_is_kept_as_said(store: SqlStore) -> None:
    assert not await store.has_users()
    await store.add_user(ANNA, NOW, "cli")

    assert await store.user("anna") == replace(ANNA, created_at=NOW)
    assert await store.user("jan") is None
    assert await store.has_users()


async def test_a_name_is_one_users(store: SqlStore) -> None:
    await store.add_user(ANNA, NOW, "cli")
    with pytest.raises(Conflict, match="user anna already"):
        await store.add_user(ANNA, NOW, "cli")


async def test_the_first_user_is_the_first(store: SqlStore) -> None:
    await store.add_user(ANNA, NOW, "set-up", is_first=True)
    with pytest.raises(Conflict, match="users already"):
        await store.add_user(replace(ANNA, name="jan"), NOW, "set-up", is_first=True)


async def test_users_come_in_pages(store: SqlStore) -> None:
    for name in ("anna", "barbara", "celina"):
        await store.add_user(replace(ANNA, name=name), NOW, "cli")
    pages = [*await store.users("", 2), *await store.users("barbara", 2)]
    assert [user.name for user in pages] == ["anna", "barbara", "celina"]


async def test_a_session_opens_with_its_secret_until_its_end(store: SqlStore) -> None:
    await signed_in(store)
    await store.session_seen("dz1", NOW + HOUR - timedelta(minutes=1))

    assert await opens(store)
    assert not await opens(store, secret="b" * 64)
    assert await opens(store, HOUR - timedelta(seconds=1))
    assert not await opens(store, HOUR)


async def test_a_session_in_which_nothing_is_asked_ends(store: SqlStore) -> None:
    await signed_in(store)
    assert not await opens(store, IDLE)
    await store.session_seen("dz1", NOW + IDLE / 2)
    assert await opens(store, IDLE)
    assert await store.sessions(None, "", 9, NOW + 3 * IDLE, IDLE) == []


async def test_a_session_that_is_ended_opens_nothing(store: SqlStore) -> None:
    await signed_in(store)
    assert [each.id for each in await store.sessions("anna", "", 9, NOW, IDLE)] == ["dz1"]

    assert await store.end_session("dz1", NOW, "cli") == session()
    assert not await opens(store)
    assert await store.end_session("dz1", NOW, "cli") is None


@pytest.mark.parametrize("how", ["own password", "reset", "another role", "disabled"])
async def test_what_changes_a_user_ends_their_sessions(store: SqlStore, how: str) -> None:
    await signed_in(store)
    await store.add_user(replace(ANNA, name="jan"), NOW, "cli")
    assert await store.begin_session(session("dz2", "jan"), SECRET, Proof())
    if how in ("own password", "reset"):
        changed = await store.set_password("anna", "other", NOW, "user:anna", is_own=how == "own password")
        assert changed is not None
        assert (changed.password_hash, changed.must_change) == ("other", how == "reset")
    else:
        standing = Standing(Role.CONTROLLER, None, None, is_enabled=how != "disabled")
        await store.change_user("anna", standing, NOW, "cli")

    assert not await opens(store)
    assert [each.id for each in await store.sessions(None, "", 9, NOW, IDLE)] == ["dz2"]


async def test_saying_again_what_a_user_is_changes_nothing(store: SqlStore) -> None:
    await signed_in(store)
    await store.change_user("anna", Standing(Role.CLIENT, "CL-ENERGIA", None, is_enabled=True), NOW, "cli")
    assert await opens(store)


async def test_who_is_disabled_begins_no_session(store: SqlStore) -> None:
    await store.add_user(replace(ANNA, is_enabled=False), NOW, "cli")
    assert not await store.begin_session(session(), SECRET, Proof())
    assert not await store.begin_session(session(user="nobody"), SECRET, Proof())


async def test_failures_in_a_row_lock_for_longer_and_longer(store: SqlStore) -> None:
    await store.add_user(ANNA, NOW, "cli")
    untils = [await store.failed("anna", NOW) for _ in range(FREE + 2)]

    assert untils[: FREE - 1] == [None] * (FREE - 1)
    assert untils[FREE - 1 :] == [NOW + timedelta(minutes=minutes) for minutes in (1, 2, 4)]
    assert await store.failed("nobody", NOW) is None


async def test_who_comes_in_starts_counting_anew(store: SqlStore) -> None:
    await store.add_user(ANNA, NOW, "cli")
    for _ in range(FREE):
        await store.failed("anna", NOW)
    assert await store.begin_session(session(), SECRET, Proof())

    found = await store.user("anna")
    assert found is not None
    assert (found.failures, found.locked_until) == (0, None)


async def test_a_code_opens_once(store: SqlStore) -> None:
    await store.add_user(replace(ANNA, totp_step=7), NOW, "cli")
    came_in = [await store.begin_session(session(f"dz{n}"), SECRET, Proof(step=n)) for n in (7, 8, 8, 9)]
    assert came_in == [False, True, False, True]


async def test_a_recovery_code_opens_once(store: SqlStore) -> None:
    await store.add_user(replace(ANNA, recovery=frozenset({"x", "y"})), NOW, "cli")
    came_in = [await store.begin_session(session(f"dz{n}"), SECRET, Proof(recovery="x")) for n in range(2)]
    assert came_in == [True, False]
    found = await store.user("anna")
    assert found is not None
    assert found.recovery == {"y"}


async def test_a_second_factor_holds_once_it_is_confirmed(store: SqlStore) -> None:
    await store.add_user(ANNA, NOW, "cli")
    assert not await store.confirm_factor("anna", 7, frozenset({"x"}), NOW, "user:anna")
    await store.prepare_factor("anna", "S" * 32)
    prepared = await store.user("anna")
    assert prepared is not None
    assert (prepared.totp_secret, prepared.totp_pending) == (None, "S" * 32)

    assert await store.confirm_factor("anna", 7, frozenset({"x"}), NOW, "user:anna")
    found = await store.user("anna")
    assert found is not None
    assert (found.totp_secret, found.totp_pending, found.totp_step) == ("S" * 32, None, 7)
    assert found.recovery == {"x"}

    reset = await store.set_password("anna", "other", NOW, "cli", is_own=False, drops_factor=True)
    assert reset is not None
    assert (reset.totp_secret, reset.recovery) == (None, frozenset())


async def test_every_change_is_written_down_and_no_secret(store: SqlStore) -> None:
    await signed_in(store)
    await store.change_user("anna", Standing(Role.CONTROLLER, None, None, is_enabled=True), NOW, "user:admin")
    await store.prepare_factor("anna", "S" * 32)
    await store.confirm_factor("anna", 7, frozenset({"recovery-hash"}), NOW, "user:anna")
    await store.set_password("anna", "other", NOW, "user:admin", is_own=False)
    await store.begin_session(session(), SECRET, Proof())
    await store.end_session("dz1", NOW, "user:admin")
    for _ in range(FREE):
        await store.failed("anna", NOW)

    told = [entry.change for entry in await store.audit(AuditFilter(subject="anna"), 0, 99)]
    assert [(each.action, each.actor) for each in told] == [
        (Action.USER_CREATED, "cli"),
        (Action.SESSION_BEGUN, "user:anna"),
        (Action.USER_CHANGED, "user:admin"),
        (Action.USER_FACTOR_SET, "user:anna"),
        (Action.USER_PASSWORD_SET, "user:admin"),
        (Action.SESSION_BEGUN, "user:anna"),
        (Action.SESSION_ENDED, "user:admin"),
        (Action.USER_LOCKED, "engine"),
    ]
    assert told[2].before == {"role": "client", "client_id": "CL-ENERGIA"}
    assert told[2].after == {"role": "controller", "client_id": None}
    for secret in ("argon", "other", "S" * 32, "recovery-hash", SECRET):
        assert secret not in str(told)
