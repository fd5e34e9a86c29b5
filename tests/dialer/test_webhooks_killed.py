"""Does a receiver hear every event, in order, although the engine is killed again and again? With real processes."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from api.client import Dzwonek
from dialer.webhooks import NOTED_EVERY
from lab import process, settings
from lab.engine import Engine
from lab.laboratory import Laboratory
from tests.support.api import call_list, campaigns
from tests.support.laboratory import free_network

EN, CASE = "CL-ENERGIA", "EN/2026/000002"
HEARD_WITHIN = timedelta(seconds=30)
ROUNDS, KILLS = 30, 2


class Receiver:
    """A CRM: stores what it is told, if the signature is right, and then says so."""

    def __init__(self) -> None:
        self.secret = ""
        self.heard: list[int] = []
        self.wrong: list[str] = []
        self._lock = threading.Lock()

    def take(self, body: bytes, headers: dict[str, str]) -> bool:
        try:
            told = Webhook(self.secret).verify(body, headers)
        except Exception as error:
            self.wrong.append(repr(error))
            return False
        with self._lock:
            self.heard.append(told["data"]["seq"])
        return True

    def firsts(self) -> list[int]:
        """Each event once, in the order in which it was first heard."""
        with self._lock:
            return list(dict.fromkeys(self.heard))


@contextmanager
def listening(receiver: Receiver) -> Iterator[str]:
    class Listens(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204 if receiver.take(body, dict(self.headers.items())) else 400)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listens)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/dzwonek"
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Without a switch: events come of what people do."""
    environment = {**os.environ, "LAB_STATE": str(tmp_path / "lab"), "LAB_NETWORK": free_network()}
    nobody = Laboratory(settings.load(environment))
    changed = {"speech": "tone", "webhook_networks": "127.0.0.0/8", "ami_secret": "none"}
    made = Engine(nobody, tmp_path / "engine", changed)
    yield made
    made.kill()


def test_no_event_is_lost_or_out_of_order_when_the_engine_is_killed(engine: Engine) -> None:
    receiver = Receiver()
    with listening(receiver) as url:
        engine.launch()
        client = Dzwonek(engine.api.url, engine.api.key)
        made = client.change("POST", "/v1/webhooks", {"url": url})
        receiver.secret = made["secret"]
        for campaign in campaigns():
            client.put_campaign(campaign["campaign_id"], campaign)
        client.send_list("B-1", call_list(20))
        for times in range(ROUNDS):
            client.pause_case(EN, CASE, "complaint")
            client.resume_case(EN, CASE, "other")
            if times % (ROUNDS // KILLS) == ROUNDS // KILLS - 1:
                engine.kill()
                engine.launch()
        told = [event["seq"] for event in client.events() if event["seq"] > 0]
        last = told[-1]
        assert process.wait_until(lambda: last in receiver.firsts(), HEARD_WITHIN), receiver.wrong

    first = receiver.firsts()[0]
    assert receiver.wrong == []
    assert receiver.firsts() == [seq for seq in told if seq >= first]
    assert len(told) >= 4 * ROUNDS
    assert len(receiver.heard) - len(receiver.firsts()) <= KILLS * (NOTED_EVERY + 1)
    log = engine.log.read_text("utf-8")
    names = [name for line in call_list(20).decode().splitlines()[1:] for name in line.split(",")[5:7] if len(name) > 3]
    assert "Traceback" not in log, log[-2000:]
    assert [name for name in names if name in log] == []
    assert made["secret"] not in log
