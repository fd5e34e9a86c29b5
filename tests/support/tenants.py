"""Two clients of one operator, each with something of every kind, and a key for each of the three."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from shutil import copytree

from api.scopes import OPERATORS, Scope
from dialer.core.machines import AnsweredBy, Because, Detection
from dialer.ports.store import DeadLetter, Progress, Role
from tests.support.api import NOON, Api, Client, api_on, one_call
from tests.support.calllists import read

FLOW = """\
flow: note
stage: callback
identity: none
start: message
texts: {BODY: Prosimy o kontakt.}
nodes:
  message: {say: BODY, next: end}
  end: hang_up
"""
ROWS = 60  # of the sample list: enough for some of each client

_NOTHING = timedelta()
BY_MACHINE = Detection(AnsweredBy.MACHINE, Because.LONG_GREETING, _NOTHING, _NOTHING, _NOTHING, 3, _NOTHING)


@dataclass(frozen=True)
class Tenant:
    """A client, a key of its own, and what there is of it."""

    client_id: str
    token: str
    names: Mapping[str, str]  # what an address may have in braces
    debtor_id: str
    number: str
    listed: bytes  # its call list
    marks: frozenset[str]  # whoever sees one of these has seen something of it

    @property
    def actor(self) -> str:
        return f"key:{self.token.partition('.')[0]}"


@dataclass(frozen=True)
class World:
    one: Tenant
    other: Tenant
    operator: Tenant  # its names are those of the first client, and of a key

    @asynccontextmanager
    async def running(self, kept: Path, folder: Path) -> AsyncIterator[Api]:
        """An API of one's own, on a copy of what is kept."""
        copytree(kept, folder / "world")
        async with api_on(folder / "world") as api:
            yield api


async def world(folder: Path) -> World:
    """Makes it, and keeps it in the folder."""
    async with api_on(folder) as api:
        operator = await api.with_campaigns()
        await operator.put("/v1/agents/anna", {"name": "Anna", "phone": "anna"})
        await operator.post("/v1/agents/anna/login")
        await operator.put("/v1/agents/barbara", {"name": "Barbara", "phone": "barbara"})
        await api.engine.roster.write_down()
        one, other = [
            await _tenant(api, operator, client, campaign)
            for client, campaign in (("CL-ENERGIA", "EN-OVERDUE"), ("CL-TELKO", "TK-OVERDUE"))
        ]
        token = _token(operator)
        return World(one, other, Tenant("", token, one.names, one.debtor_id, one.number, one.listed, frozenset()))


async def _tenant(api: Api, operator: Client, client_id: str, campaign_id: str) -> Tenant:
    holder = await api.holder(set(Scope) - OPERATORS, client_id)
    listed, rows = _list_of(client_id, campaign_id)
    batch_id = f"LIST-OF-{client_id}"
    answer = await holder.send(listed, batch_id)
    assert answer.status == 201, answer.text
    attempt = await one_call(api, campaign_id, verdict=BY_MACHINE)
    await api.store.note_recordings([attempt.id], attempt.started_at)
    _record(api, attempt.id, f"RIFF: a talk of {client_id}")
    contact = (await holder.get(f"/v1/contacts/{attempt.contact_id}")).json
    wish = await holder.post("/v1/suppressions", json={"debtor_id": rows[-1]["debtor_id"], "reason": "objection"})
    assert wish.status == 201, wish.text
    erased = await holder.post("/v1/erasures", json={"debtor_id": rows[-2]["debtor_id"]})
    assert erased.status == 201, erased.text
    key = await operator.post("/v1/keys", json={"scopes": ["events:read"], "client_id": client_id, "label": "feed"})
    paper = {"name": f"DNS:{client_id.lower()}.example", "client_id": client_id}
    certificate = await operator.post("/v1/certificates", json=paper)
    user = {"name": f"user-{client_id.lower()}", "role": "controller"}
    await api.signed_in(user["name"], Role.CONTROLLER)
    [session] = (await operator.get("/v1/sessions", params={"user": user["name"]})).json["sessions"]
    address = f"https://{client_id.lower()}.example/events"
    webhook = await holder.post("/v1/webhooks", json={"url": address})
    brand_id = f"BRAND-OF-{client_id}"
    brand = await holder.put(f"/v1/brands/{brand_id}", brand_of(client_id))
    assert brand.status == 201, brand.text
    scenario = f"flow-{client_id[3:6].lower()}"
    drafted = await holder.put(f"/v1/scenarios/{scenario}", {"source": FLOW})
    assert drafted.status == 200, drafted.text
    assert webhook.status == 201, webhook.text
    await _leave_a_letter(api, webhook.json["webhook_id"], address)
    recording = await holder.ask(
        "PUT", f"/v1/prompts/{client_id}/goodbye", {"Content-Type": "audio/wav"}, data=client_id.encode()
    )
    assert recording.status == 201, recording.text
    names = {
        "phone": "supervisor",
        "attempt_id": attempt.id,
        "call_id": attempt.id,
        "scenario": scenario,
        "version": "1",
        "client_id": client_id,
        "campaign_id": campaign_id,
        "brand_id": brand_id,
        "owner": client_id,
        "phrase": "goodbye",
        "batch_id": batch_id,
        "contact_id": str(attempt.contact_id),
        "case_id": contact["cases"][0],
        "suppression_id": str(wish.json["suppression_id"]),
        "erasure_id": str(erased.json["erasure_id"]),
        "key_prefix": key.json["prefix"],
        "certificate_id": str(certificate.json["certificate_id"]),
        "agent_id": "anna",
        "user_name": user["name"],
        "session_id": session["session_id"],
        "webhook_id": str(webhook.json["webhook_id"]),
    }
    told = {row[name] for row in rows for name in ("case_id", "debtor_id")}
    ours = {client_id, campaign_id, batch_id, brand_id, address}
    marks = told | ours | {attempt.id, attempt.number, key.json["prefix"], paper["name"]}
    debtor, number = contact["debtor_id"], contact["numbers"][0]["number"]
    return Tenant(client_id, _token(holder), names, debtor, number, listed, frozenset(marks))


def brand_of(client_id: str) -> dict[str, str]:
    """A brand with a caller number of its own."""
    number = f"+483880000{sum(client_id.encode()) % 100:02}"
    name = f"Marka {client_id}"
    return {
        "client_id": client_id,
        "name": name,
        "neutral_name": name,
        "caller_number": number,
        "callback_number": number,
    }


async def _leave_a_letter(api: Api, webhook_id: int, address: str) -> None:
    """An event that the client's receiver did not take."""
    webhook = await api.store.webhook(webhook_id, NOON)
    assert webhook is not None
    letter = DeadLetter(1, 12, f"no answer from {address}", NOON)
    assert await api.store.told_webhook(webhook, Progress(webhook.told), letter)


def _list_of(client_id: str, campaign_id: str) -> tuple[bytes, list[dict[str, str]]]:
    """The client's rows of the sample list, those of one campaign."""
    everything = csv.DictReader(io.StringIO(read("calllist_2000.csv").decode()))
    rows = [row for _, row in zip(range(ROWS), everything, strict=False) if row["campaign_id"] == campaign_id]
    text = io.StringIO()
    written = csv.DictWriter(text, rows[0].keys())
    written.writeheader()
    written.writerows(rows)
    return text.getvalue().encode(), rows


def _token(holder: Client) -> str:
    assert holder.token is not None
    return holder.token


def _record(api: Api, attempt_id: str, said: str) -> None:
    folder = api.service.spool.parent / "recordings"
    folder.mkdir(exist_ok=True)
    (folder / f"{attempt_id}.wav").write_text(said, "utf-8")
