"""How does a program of the client's use the API, whatever becomes of its connection?

Standard library only, so that this file may be copied. Every change is sent under a name of its own and repeated under
it until there is an answer: nothing is carried out twice, and nothing is lost (docs/api.md, Sending a request twice).
"""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal, TypeVar
from urllib.parse import quote, urlencode
from uuid import uuid4

Json = dict[str, Any]
HoldReason = Literal["agreement", "complaint", "letters", "mistake", "recalled", "other"]

T = TypeVar("T")

_TRY_AGAIN = frozenset({429, 503})
_IN_PROGRESS = "request_in_progress"
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=0.5), timedelta(seconds=30)


class Refused(Exception):
    """The API said no; ``detail`` says what to do."""

    def __init__(self, status: int, problem: Mapping[str, Any], retry_after: timedelta | None = None) -> None:
        super().__init__(f"{status} {problem.get('title', '')}: {problem.get('detail', '')}")
        self.status = status
        self.code: str | None = problem.get("code")
        self.detail: str = problem.get("detail", "")
        self.errors: list[Json] = problem.get("errors") or []
        self.retry_after = retry_after

    @property
    def may_pass(self) -> bool:
        """Whether the same request may be answered otherwise in a while."""
        return self.status in _TRY_AGAIN or self.code == _IN_PROGRESS


class Unreachable(Exception):
    """There was no answer for as long as was to be waited. Whether a change was carried out is not known."""


@dataclass(frozen=True, slots=True)
class Dzwonek:
    """The API with one key.

    Args:
        url: such as ``https://dialer.example``, without a path.
        patience: for how long a request is repeated before it is given up.
    """

    url: str
    key: str = field(repr=False)
    answer_within: timedelta = timedelta(seconds=60)
    patience: timedelta = timedelta(minutes=5)
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")):
            raise ValueError(f"{self.url} is no address of the API: it should be like https://dialer.example")

    # Cases and balances.

    def send_list(self, batch_id: str, rows: bytes, media: str = "text/csv") -> Json:
        """A call list; the receipt counts its rows by verdict."""
        return self.change("POST", f"/v1/batches?{urlencode({'batch_id': batch_id})}", rows, media)

    def batches(self, **which: str) -> Iterator[Json]:
        """The lists that were sent, the newest first; ``which``: parameters such as ``state="failed"``."""
        return self.pages(_address("/v1/batches", which), "batches")

    def verdicts(self, batch_id: str) -> Iterator[Json]:
        """What was said of every row of a list."""
        address = f"/v1/batches/{_part(batch_id)}/rows"
        with self._repeated(lambda: self._opened("GET", address, None, {})) as answer:
            for line in answer:
                yield json.loads(line)

    def send_balances(self, balances: Iterable[Mapping[str, Any]]) -> Json:
        """What is still owed; calls about what is paid have ended when this returns."""
        return self.change("POST", "/v1/balances", {"balances": [dict(each) for each in balances]})

    def case(self, client_id: str, case_id: str) -> Json:
        return self.get(f"/v1/cases/{_part(case_id)}", client_id=client_id)

    def cases(self, **which: str) -> Iterator[Json]:
        """As they stand, in the order in which they came; ``which``: parameters such as ``dispute="open"``."""
        return self.pages(_address("/v1/cases", which), "cases")

    def balances(self, client_id: str, case_id: str) -> Iterator[Json]:
        """Those that were taken of a case, by version."""
        return self.pages(_address(f"/v1/cases/{_part(case_id)}/balances", {"client_id": client_id}), "balances")

    def pause_case(self, client_id: str, case_id: str, reason: HoldReason, note: str | None = None) -> Json:
        """Nobody is called about it from now on, until it is resumed."""
        return self._order("pause", client_id, case_id, reason, note)

    def resume_case(self, client_id: str, case_id: str, reason: HoldReason, note: str | None = None) -> Json:
        return self._order("resume", client_id, case_id, reason, note)

    def stop_case(self, client_id: str, case_id: str, reason: HoldReason, note: str | None = None) -> Json:
        """Nobody is called about it any more, for good."""
        return self._order("stop", client_id, case_id, reason, note)

    # People.

    def leave_in_peace(self, reason: str, *, client_id: str | None = None, number: str | None = None,
                       debtor_id: str | None = None, note: str | None = None) -> Json:  # fmt: skip
        """Keep somebody's wish not to be called."""
        wish = {"reason": reason, "client_id": client_id, "number": number, "debtor_id": debtor_id, "note": note}
        return self.change(
            "POST", "/v1/suppressions", {name: value for name, value in wish.items() if value is not None}
        )

    def erase(self, client_id: str, debtor_id: str) -> Json:
        """Have a debtor forgotten; the receipt."""
        return self.change("POST", "/v1/erasures", {"client_id": client_id, "debtor_id": debtor_id})

    def timeline(self, contact_id: int) -> Iterator[Json]:
        """Everything that has happened to a contact, in order."""
        return self.pages(f"/v1/contacts/{contact_id}/timeline", "entries")

    def attempts(self, **which: str) -> Iterator[Json]:
        """In the order they were saved; ``which``: parameters such as ``disposition="delivered"``."""
        return self.pages(_address("/v1/attempts", which), "attempts")

    def attempt(self, attempt_id: str) -> Json:
        return self.get(f"/v1/attempts/{_part(attempt_id)}")

    # Clients, campaigns and events.

    def put_client(self, client_id: str, settings: Mapping[str, Any]) -> Json:
        """A client's name, and what it has decided."""
        return self.change("PUT", f"/v1/clients/{_part(client_id)}", dict(settings))

    def put_campaign(self, campaign_id: str, settings: Mapping[str, Any]) -> Json:
        return self.change("PUT", f"/v1/campaigns/{_part(campaign_id)}", dict(settings))

    def start_campaign(self, campaign_id: str) -> Json:
        return self.change("POST", f"/v1/campaigns/{_part(campaign_id)}/start")

    def pause_campaign(self, campaign_id: str) -> Json:
        return self.change("POST", f"/v1/campaigns/{_part(campaign_id)}/pause")

    def events(self, after: int = 0, limit: int = 500) -> Iterator[Json]:
        """Those there are behind that number, in order; note the ``seq`` of the last one that you have stored."""
        while page := self.get("/v1/events", after=after, limit=limit)["events"]:
            yield from page
            after = page[-1]["seq"]

    # What the rest is made of.

    def get(self, path: str, **parameters: Any) -> Json:
        return dict(self._ask("GET", _address(path, parameters)))

    def pages(self, path: str, items: str) -> Iterator[Json]:
        """Everything of a list that comes in pages."""
        following: str | None = path
        while following is not None:
            page = self.get(following)
            yield from page[items]
            following = page["next"]

    def change(self, method: str, path: str, body: bytes | Json | None = None, media: str = "application/json",
               name: str | None = None) -> Json:  # fmt: skip
        """Change something, once.

        Args:
            name: of the request; the same one after a crash of yours is answered as before.

        Raises:
            Refused: nothing was changed; repeating it would not help.
            Unreachable: whether it was changed is not known; repeat it under the same name.
        """
        sent = json.dumps(body).encode() if isinstance(body, dict) else body
        headers = {"Idempotency-Key": name or str(uuid4())} | ({} if sent is None else {"Content-Type": media})
        return dict(self._ask(method, path, sent, headers))

    def _order(self, what: str, client_id: str, case_id: str, reason: HoldReason, note: str | None) -> Json:
        body = {"reason": reason} | ({} if note is None else {"note": note})
        return self.change("POST", f"/v1/cases/{_part(case_id)}/{what}?{urlencode({'client_id': client_id})}", body)

    def _ask(self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Any:
        """The whole answer: one that breaks off is asked for again, too."""

        def read() -> Any:
            with self._opened(method, path, body, headers or {}) as answer:
                return json.load(answer)

        return self._repeated(read)

    def _repeated(self, ask: Callable[[], T]) -> T:
        """What is answered, after as many tries as it takes."""
        until, pause = self.clock() + self.patience.total_seconds(), _FIRST_PAUSE
        while True:
            try:
                return ask()
            except Refused as refusal:
                if not refusal.may_pass or self.clock() > until:
                    raise
                waiting = refusal.retry_after or pause
            except (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError) as error:
                if self.clock() > until:
                    raise Unreachable(f"{self.url} gave no answer: {error}") from error
                waiting = pause
            self.sleep(waiting.total_seconds())
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _opened(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> http.client.HTTPResponse:
        sent = {**headers, "Authorization": f"Bearer {self.key}"}
        request = urllib.request.Request(self.url + path, body, sent, method=method)  # noqa: S310  see __post_init__
        try:
            answer: http.client.HTTPResponse = urllib.request.urlopen(  # noqa: S310
                request, timeout=self.answer_within.total_seconds()
            )
        except urllib.error.HTTPError as error:
            with error:
                raise _refused(error) from None
        return answer


def _address(path: str, which: Mapping[str, Any]) -> str:
    return f"{path}?{urlencode(which)}" if which else path


def _part(name: str) -> str:
    """A name as a part of an address, whatever characters it has."""
    return quote(name, safe="")


def _refused(error: urllib.error.HTTPError) -> Refused:
    text = error.read()
    try:
        problem = json.loads(text)
    except ValueError:  # not from the API: a proxy in front of it
        problem = {"title": error.reason}
    after = error.headers.get("Retry-After", "")
    return Refused(error.code, problem, timedelta(seconds=int(after)) if after.isdigit() else None)
