"""Whose are the certificates that senders show?

The handshake has checked that a certificate is good; here it is said for whom it stands. A client's key opens only over
a connection with a certificate of that client, once the operator has named an authority of such certificates.
"""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Self

import structlog
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from api.operations import Answer, Asked, Nothing, operation, reply
from api.pages import ClientId, Limit, going_on
from api.problems import Problem, not_found
from dialer.ports.store import Certificate, Conflict

log = structlog.get_logger(__name__)

CertificateName = Annotated[
    str,
    Field(
        pattern=r"^(DNS|URI|email|CN):[^\x00-\x20\x7f][^\x00-\x1f\x7f]{0,239}$",
        examples=["DNS:crm.energia.example"],
        description="an alternative name of the certificate's subject (`DNS:`, `URI:`, `email:`), or its common name "
        "(`CN:`), to the letter",
    ),
]


class CertificatesQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    after: Annotated[int, Field(ge=0, lt=1 << 63)] = Field(default=0, description="the last id of the page before")
    limit: Limit = 100


class CertificateBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: CertificateName
    client_id: ClientId


class CertificateShown(BaseModel):
    certificate_id: int
    name: str
    client_id: str
    created_at: datetime

    @classmethod
    def of(cls, certificate: Certificate) -> Self:
        return cls(
            certificate_id=certificate.id,
            name=certificate.name,
            client_id=certificate.client_id,
            created_at=certificate.created_at,
        )


class CertificatesShown(BaseModel):
    certificates: list[CertificateShown]
    next: str | None = Field(description="the address of the next page; null: this is the last")


@operation("List whose certificates are known", {HTTPStatus.OK: Answer("A page, by id.", CertificatesShown)})
async def list_all(asked: Asked[CertificatesQuery, Nothing]) -> web.StreamResponse:
    query = asked.query
    found = await asked.service.store.certificates(query.after, query.limit)
    following = going_on(asked.request, query, found[-1].id) if len(found) == query.limit else None
    return reply(CertificatesShown(certificates=[CertificateShown.of(each) for each in found], next=following))


@operation(
    "Say whose a certificate is",
    {HTTPStatus.OK: Answer("As it stands.", CertificateShown)},
    problems={HTTPStatus.CONFLICT: "The name stands for another client."},
)
async def add(asked: Asked[Nothing, CertificateBody]) -> web.StreamResponse:
    """Every certificate of the authority with this name stands for the client, also those that are issued later."""
    body, service = asked.body, asked.service
    try:
        made = await service.store.add_certificate(body.name, body.client_id, service.clock.now(), asked.actor)
    except Conflict as conflict:
        raise Problem(HTTPStatus.CONFLICT, str(conflict), code="certificate_of_another") from conflict
    log.info("certificate_added", certificate=made.id, client=made.client_id)
    return reply(CertificateShown.of(made))


@operation(
    "Let a certificate stand for nobody", {HTTPStatus.OK: Answer("What it was until this answer.", CertificateShown)}
)
async def remove(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    """Open connections included: from the answer on no key opens over one that shows it."""
    certificate_id = asked.path["certificate_id"]
    was = await asked.service.store.remove_certificate(certificate_id, asked.service.clock.now(), asked.actor)
    if was is None:
        raise not_found(f"certificate {certificate_id}")
    log.info("certificate_removed", certificate=was.id, client=was.client_id)
    return reply(CertificateShown.of(was))
