"""Is every recording somebody's, seen by its own client, and gone when it is to be?"""

from dataclasses import replace
from datetime import timedelta

from dialer.adapters.store import SqlStore
from dialer.core.audit import Action
from dialer.core.inbound import InboundCall
from dialer.model import Attempt
from dialer.ports.store import AuditFilter
from tests.support.stores import NOW, OTHER_MOBILE, lease, ready_all, row, settings, take

HOUR = timedelta(hours=1)


async def talks(store: SqlStore) -> list[Attempt]:
    """Two calls, to two debtors."""
    await store.put_campaign("RENT", settings(), NOW, None)
    await take(store, "B-1", row("D1"), row("D2"))
    await ready_all(store)
    return sorted(await lease(store), key=lambda attempt: attempt.id)


async def test_a_recording_is_of_an_attempt_or_of_nobody(store: SqlStore) -> None:
    one, two = await talks(store)
    assert set(await store.note_recordings([one.id, "f" * 32], NOW)) == {one.id}
    assert set(await store.note_recordings([one.id, two.id], NOW + HOUR)) == {one.id, two.id}
    found = await store.recorded_talks(None, None, "", 10)
    assert [(talk.call_id, talk.begun_at) for talk in found] == [(one.id, NOW), (two.id, NOW + HOUR)]
    assert [talk.call_id for talk in await store.recorded_talks(None, "RENT", one.id, 10)] == [two.id]
    assert await store.recorded_talks(None, "OTHER", "", 10) == []
    assert await store.recorded_talk("f" * 32) is None


async def test_a_recording_of_a_caller_is_the_debtors_whose_number_it_is(store: SqlStore) -> None:
    await talks(store)
    await take(store, "B-2", row("D3", numbers=(OTHER_MOBILE,)))
    call = InboundCall("1795.1", "flats", "CL-CZYNSZ", "+48380000055", OTHER_MOBILE, NOW, NOW, agent_id="anna")
    await store.take_inbound(call, lambda _: None, bool)
    stranger = replace(call, id="1795.2", caller=None)
    await store.take_inbound(stranger, lambda _: None, bool)

    assert set(await store.note_recordings(["1795.1", "1795.2", "1795.3"], NOW)) == {"1795.1", "1795.2"}

    one, other = await store.recorded_talks("CL-CZYNSZ", None, "", 10)
    assert (one.call_id, one.campaign_id, one.contact_id, one.agent_id) == ("1795.1", None, None, "anna")
    assert other.debtor is None
    assert one.debtor == "D3"
    assert await store.recordings_of("CL-CZYNSZ", "D3") == ["1795.1"]
    await store.remove_recordings(["1795.1"], NOW, "key:b", "erased")
    assert [each.call_id for each in await store.recorded_talks(None, None, "", 10)] == ["1795.2"]


async def test_a_client_sees_its_own(store: SqlStore) -> None:
    one, _ = await talks(store)
    await store.note_recordings([one.id], NOW)
    talk = await store.recorded_talk(one.id)
    assert talk is not None
    assert (talk.campaign_id, talk.contact_id, talk.agent_id) == ("RENT", one.contact_id, None)
    assert await store.recorded_talks(talk.client_id, None, "", 10) == [talk]
    assert await store.recorded_talks("CL-OTHER", None, "", 10) == []


async def test_those_of_a_debtor_and_those_that_are_old_are_found_and_removed(store: SqlStore) -> None:
    one, two = await talks(store)
    await store.note_recordings([one.id], NOW)
    await store.note_recordings([two.id], NOW + HOUR)
    talk = await store.recorded_talk(one.id)
    assert talk is not None
    assert await store.recordings_of(talk.client_id, "D1") == [one.id]
    assert await store.recordings_of("CL-OTHER", "D1") == []
    assert await store.recordings_before(NOW + HOUR, 10) == [one.id]
    await store.note_recording_heard(talk, NOW, "key:a")
    await store.remove_recordings([one.id], NOW, "key:b", "erased")
    assert [each.call_id for each in await store.recorded_talks(None, None, "", 10)] == [two.id]
    entries = [each.change for each in await store.audit(AuditFilter(subject=one.id), 0, 10)]
    assert [(each.action, each.actor, each.client_id) for each in entries] == [
        (Action.RECORDING_HEARD, "key:a", talk.client_id),
        (Action.RECORDING_REMOVED, "key:b", talk.client_id),
    ]
