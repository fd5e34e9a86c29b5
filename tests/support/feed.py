"""Does the feed tell what the tables say? For runs in which anything may have happened."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence

from dialer.core.feed import EventType
from dialer.ports.store import AttemptFilter, AttemptView, ContactFilter, ContactView, FeedEntry, Store


async def whole_feed(store: Store) -> list[FeedEntry]:
    return [entry async for entry in _pages(store)]


async def _pages(store: Store) -> AsyncIterator[FeedEntry]:
    after = 0
    while page := await store.events(after, 500):
        for entry in page:
            yield entry
        after = page[-1].seq


async def disagreements(store: Store, campaign_id: str) -> list[str]:
    """What the feed leaves out, repeats or tells otherwise than the rows of a campaign."""
    feed = await whole_feed(store)
    attempts = await store.attempts(AttemptFilter(campaign_id=campaign_id), "", 1_000_000)
    contacts = {each.id: each for each in await store.contacts(ContactFilter(campaign_id=campaign_id), 0, 1_000_000)}
    return [*_gaps(feed), *_of_attempts(feed, attempts), *_of_contacts(feed, contacts)]


def _gaps(feed: Sequence[FeedEntry]) -> Iterator[str]:
    for place, entry in enumerate(feed, 1):
        if (entry.seq, entry.previous) != (place, place - 1):
            yield f"event {place} is numbered {entry.seq}, behind {entry.previous}"


def _of_attempts(feed: Sequence[FeedEntry], attempts: Sequence[AttemptView]) -> Iterator[str]:
    told = defaultdict(list)
    for entry in feed:
        told[entry.event.type, entry.event.attempt_id].append(entry.event)
    for attempt in attempts:
        over = told.pop((EventType.ATTEMPT_FINISHED, attempt.id), [])
        facts = {
            (event.body["disposition"], event.body["counted"], event.body["ordinal"], event.body["heard_ms"])
            for event in over
        }
        cases = Counter(event.case_id for event in over)
        if facts != ({(attempt.disposition, attempt.counted, attempt.ordinal, attempt.heard_ms)} if over else set()):
            yield f"attempt {attempt.id}: told {facts}"
        if bool(over) != bool(attempt.disposition) or any(times > 1 for times in cases.values()):
            yield f"attempt {attempt.id}, {attempt.disposition}: told of {cases}"
        delivered = Counter(event.case_id for event in told.pop((EventType.MESSAGE_DELIVERED, attempt.id), []))
        if delivered != (cases if attempt.disposition == "delivered" else Counter()):
            yield f"attempt {attempt.id}, {attempt.disposition}: delivered to {delivered}"
    for type_, attempt_id in told:
        if type_ in (EventType.ATTEMPT_FINISHED, EventType.MESSAGE_DELIVERED):
            yield f"{type_} of attempt {attempt_id}, which there is not"


def _of_contacts(feed: Sequence[FeedEntry], contacts: dict[int, ContactView]) -> Iterator[str]:
    """Of contacts that no second list began anew; those that an edited plan brought back may end again."""
    told = defaultdict(list)
    for entry in feed:
        if entry.event.type is EventType.CONTACT_FINISHED:
            told[entry.event.contact_id].append((entry.event.case_id, entry.event.body["reason"]))
        if entry.event.type is EventType.CONTACT_REOPENED:
            told.pop(entry.event.contact_id, None)
    for contact in contacts.values():
        ends = told.pop(contact.id, [])
        if {reason for _, reason in ends} != ({contact.finished} if contact.state == "finished" else set()):
            yield f"contact {contact.id}, {contact.state} {contact.finished}: told {ends}"
        if len(set(ends)) != len(ends):
            yield f"contact {contact.id}: told twice {ends}"
    yield from (f"contact {contact}, which there is not: told {ends}" for contact, ends in told.items())
