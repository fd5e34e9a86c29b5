"""Is it kept how far everybody has been told, and does nobody's change get lost in between?"""

from datetime import timedelta

import pytest

from dialer.adapters.store import Database, SqlStore
from dialer.adapters.store.feed import append
from dialer.core.feed import EventType, FeedEvent
from dialer.core.webhooks import WebhookState
from dialer.ports.store import DeadLetter, Progress, Webhook, WebhookChange
from tests.support.stores import NOW

URL = "https://crm.example/dzwonek"
HOUR = timedelta(hours=1)
SECRET, OTHER = "whsec_AAAA", "whsec_BBBB"


async def add(store: SqlStore, client_id: str | None = None, after: int | None = 0) -> Webhook:
    return await store.add_webhook(client_id, URL, None, SECRET, after, "key:dz1", NOW)


async def happen(database: Database, times: int = 1) -> None:
    await database.write(append, [FeedEvent(EventType.WRONG_NUMBER, NOW, "CL-A", "A/1")] * times)


async def again(store: SqlStore, webhook: Webhook) -> Webhook:
    found = await store.webhook(webhook.id, NOW)
    assert found is not None
    return found


async def test_a_webhook_is_kept_as_it_was_wanted(store: SqlStore) -> None:
    made = await store.add_webhook("CL-A", URL, {EventType.CASE_SETTLED}, SECRET, 7, "key:dz1", NOW)
    assert await again(store, made) == made
    assert (made.client_id, made.url, made.types, made.told) == ("CL-A", URL, frozenset({EventType.CASE_SETTLED}), 7)
    assert (made.state, made.secrets, made.tries) == (WebhookState.ACTIVE, [SECRET], 0)


async def test_it_is_told_of_what_comes_unless_it_says_from_where(store: SqlStore, database: Database) -> None:
    await happen(database, 3)
    assert (await add(store, after=None)).told == 3
    assert (await add(store, after=1)).told == 1


async def test_it_is_due_while_there_is_something_to_tell(store: SqlStore, database: Database) -> None:
    webhook = await add(store)
    assert await store.due_webhooks(NOW) == []
    await happen(database)
    assert await store.due_webhooks(NOW) == [webhook]
    assert await store.told_webhook(webhook, Progress(1))
    assert await store.due_webhooks(NOW) == []


async def test_after_a_failure_it_is_due_when_its_time_has_come(store: SqlStore, database: Database) -> None:
    webhook = await add(store)
    await happen(database)
    await store.told_webhook(webhook, Progress(0, 3, NOW - HOUR, NOW + HOUR, "answered 500"))

    assert await store.due_webhooks(NOW) == []
    [due] = await store.due_webhooks(NOW + HOUR)
    assert (due.tries, due.tried_since, due.because) == (3, NOW - HOUR, "answered 500")


@pytest.mark.parametrize("state", [WebhookState.PAUSED, WebhookState.GONE])
async def test_who_wants_nothing_is_not_due(store: SqlStore, database: Database, state: WebhookState) -> None:
    webhook = await add(store)
    await happen(database)
    if state is WebhookState.GONE:
        await store.told_webhook(webhook, Progress(0, state=state))
    else:
        await store.change_webhook(webhook.id, WebhookChange(is_paused=True), "cli", NOW)
    assert await store.due_webhooks(NOW) == []

    await store.change_webhook(webhook.id, WebhookChange(is_paused=False), "cli", NOW)
    assert [each.id for each in await store.due_webhooks(NOW)] == [webhook.id]


async def test_progress_of_an_older_order_is_not_noted(store: SqlStore, database: Database) -> None:
    webhook = await add(store)
    await happen(database, 5)
    await store.replay_webhook(webhook.id, 2, "cli", NOW)

    assert not await store.told_webhook(webhook, Progress(5))
    assert (await again(store, webhook)).told == 2


async def test_a_change_leaves_the_rest_and_begins_afresh(store: SqlStore, database: Database) -> None:
    webhook = await add(store)
    await store.told_webhook(webhook, Progress(0, 4, NOW, NOW + HOUR, "answered 500"))
    changed = await store.change_webhook(webhook.id, WebhookChange(url="https://other.example/"), "cli", NOW)
    assert (changed.url, changed.told, changed.tries, changed.next_at) == ("https://other.example/", 0, 0, None)

    typed = await store.change_webhook(webhook.id, WebhookChange(types={EventType.OPT_OUT}), "cli", NOW)
    assert (typed.types, typed.url) == (frozenset({EventType.OPT_OUT}), "https://other.example/")
    assert (await store.change_webhook(webhook.id, WebhookChange(types=()), "cli", NOW)).types is None


async def test_both_secrets_sign_until_the_former_is_over(store: SqlStore) -> None:
    webhook = await add(store)
    rotated = await store.rotate_webhook(webhook.id, OTHER, NOW + HOUR, "cli", NOW)
    assert rotated.secrets == [OTHER, SECRET]
    later = await store.webhook(webhook.id, NOW + HOUR)
    assert later is not None
    assert later.secrets == [OTHER]


async def test_dead_letters_are_kept_with_the_progress(store: SqlStore) -> None:
    webhook = await add(store)
    letters = [DeadLetter(seq, 12, "answered 500", NOW) for seq in (1, 2, 3)]
    for letter in letters:
        assert await store.told_webhook(webhook, Progress(letter.seq), letter)
    await store.told_webhook(webhook, Progress(3), letters[2])  # given up once more, after a replay

    assert await store.dead_letters(webhook.id, 0, 2) == letters[:2]
    assert await store.dead_letters(webhook.id, 2, 2) == letters[2:]


async def test_what_is_removed_is_gone_with_its_letters(store: SqlStore, database: Database) -> None:
    webhook, other = await add(store), await add(store)
    await happen(database)
    await store.told_webhook(webhook, Progress(1), DeadLetter(1, 12, "answered 500", NOW))

    assert await store.remove_webhook(webhook.id, "cli", NOW)
    assert not await store.remove_webhook(webhook.id, "cli", NOW)
    assert await store.webhook(webhook.id, NOW) is None
    assert not await store.told_webhook(webhook, Progress(1))
    assert [each.id for each in await store.webhooks(None, 0, 10, NOW)] == [other.id]


async def test_webhooks_come_in_pages_and_a_clients_apart(store: SqlStore) -> None:
    made = [await add(store, client) for client in (None, "CL-A", "CL-B", "CL-A")]
    first = await store.webhooks(None, 0, 3, NOW)
    assert [*first, *await store.webhooks(None, first[-1].id, 3, NOW)] == made
    assert [each.id for each in await store.webhooks("CL-A", 0, 9, NOW)] == [made[1].id, made[3].id]


async def test_nobody_changes_what_is_not_there(store: SqlStore) -> None:
    with pytest.raises(KeyError):
        await store.change_webhook(99, WebhookChange(is_paused=True), "cli", NOW)
    with pytest.raises(KeyError):
        await store.replay_webhook(99, 0, "cli", NOW)
