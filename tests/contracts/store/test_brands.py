"""Are brands and recordings kept, and does everything that depends on them change with them?"""

from datetime import timedelta

import pytest

from dialer.adapters.store import SqlStore
from dialer.core.brands import BrandSettings, under
from dialer.ports.store import AuditFilter, Conflict, Overtaken, Prompt
from tests.support.stores import NOW, row, settings, take, voice_all

LATER = NOW + timedelta(hours=1)
BRAND = BrandSettings(
    client_id="CL-CZYNSZ", name="Spółdzielnia", neutral_name="Spółdzielnia", caller_number="+48388000011",
    callback_number="+48388000012",
)  # fmt: skip
AUDIO = b"\xd5" * 1600
RECORDED = Prompt("CL-CZYNSZ", "hello", "Dzień dobry.", "ab" * 32, timedelta(milliseconds=200), NOW, "key:dz1")


async def test_a_brand_is_kept_with_its_revision(store: SqlStore) -> None:
    first = await store.put_brand("CZ", BRAND, NOW, "key:dz1")
    second = await store.put_brand("CZ", BRAND.model_copy(update={"voice": "pl-voice-b"}), LATER, "key:dz1")

    assert (first.revision, second.revision) == (1, 2)
    assert await store.brand("CZ") == second
    assert await store.brands() == [second]
    assert await store.brand("none") is None


async def test_a_brand_that_has_changed_since_it_was_read_stays(store: SqlStore) -> None:
    await store.put_brand("CZ", BRAND, NOW, "cli", 0)
    kept = await store.put_brand("CZ", BRAND, LATER, "cli", 1)

    for revision in (0, 1, 3):
        with pytest.raises(Overtaken):
            await store.put_brand("CZ", BRAND.model_copy(update={"name": "Inna"}), LATER, "cli", revision)
    assert await store.brand("CZ") == kept


async def test_a_brand_never_changes_hands(store: SqlStore) -> None:
    await store.put_brand("CZ", BRAND, NOW, "cli")

    with pytest.raises(Conflict, match="somebody else"):
        await store.put_brand("CZ", BRAND.model_copy(update={"client_id": None}), NOW, "cli")


async def test_no_two_brands_present_the_same_number(store: SqlStore) -> None:
    await store.put_brand("CZ", BRAND, NOW, "cli")

    with pytest.raises(Conflict, match=r"another brand presents \+48388000011"):
        await store.put_brand("CZ-2", BRAND, NOW, "cli")


async def test_campaigns_change_with_their_brand_and_others_do_not(store: SqlStore) -> None:
    await store.put_brand("CZ", BRAND, NOW, "cli")
    await store.put_campaign("RENT", under("CZ", BRAND, settings()), NOW, None)
    await store.put_campaign("OTHER", settings(), NOW, None)
    await take(store, "B-1", row("D1"), row("D2"))
    assert await voice_all(store) == 2

    await store.put_brand(
        "CZ", BRAND.model_copy(update={"name": "Nowa", "caller_number": "+48388000019"}), LATER, "cli"
    )

    rent, other = await store.campaign("RENT"), await store.campaign("OTHER")
    assert rent is not None
    assert other is not None
    assert (rent.settings.brand, rent.settings.cli, rent.revision) == ("Nowa", "+48388000019", 2)
    assert other.revision == 1
    assert await voice_all(store) == 2


async def test_who_changed_a_brand_is_written_down(store: SqlStore) -> None:
    await store.put_brand("CZ", BRAND, NOW, "key:dz1")

    [entry] = [each for each in await store.audit(AuditFilter(), 0, 10) if each.change.subject == "CZ"]
    assert (entry.change.action, entry.change.actor, entry.change.client_id) == ("brand.put", "key:dz1", "CL-CZYNSZ")


async def test_a_recording_is_kept_with_its_audio(store: SqlStore) -> None:
    assert await store.put_prompt(RECORDED, AUDIO)
    assert not await store.put_prompt(RECORDED, AUDIO)

    assert await store.prompts(["CL-CZYNSZ"]) == [RECORDED]
    assert await store.prompt_audio(RECORDED.digest) == AUDIO
    assert await store.prompt_audio("cd" * 32) is None
    assert await store.prompts(["CL-OTHER"]) == []


async def test_what_is_recorded_for_the_brand_comes_before_what_is_for_the_client(store: SqlStore) -> None:
    of_brand = Prompt("CZ", "hello", "Dzień dobry.", "cd" * 32, RECORDED.duration, NOW, "cli")
    await store.put_prompt(RECORDED, AUDIO)
    await store.put_prompt(of_brand, AUDIO)

    assert await store.prompts(["CZ", "CL-CZYNSZ"]) == [of_brand, RECORDED]


async def test_messages_are_made_anew_when_a_recording_comes_or_goes(store: SqlStore) -> None:
    await store.put_campaign("RENT", settings(), NOW, None)
    await take(store, "B-1", row("D1"))
    assert await voice_all(store) == 1
    await store.put_prompt(RECORDED, AUDIO)
    assert await voice_all(store) == 1

    assert await store.remove_prompt("CL-CZYNSZ", "hello", LATER, "cli")
    assert await voice_all(store) == 1
    assert not await store.remove_prompt("CL-CZYNSZ", "hello", LATER, "cli")
    assert await store.prompts(["CL-CZYNSZ"]) == []
