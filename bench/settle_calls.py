"""How soon is the last call of those who have paid over, on a real Asterisk?

    python -m bench.settle_calls

Again and again thirty pay whose calls are up, of more than a hundred; first all ring, then all listen to their message
and hear a farewell. The end of a call is the carrier's: when its channel is gone.
"""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from bench.stand import Stand, stand
from lab.carrier import Manner
from lab.engine import Engine
from lab.process import wait_until
from tests.support.calling import CAMPAIGN, LOOK, Calling, Debtor, calling_with

ROUNDS = 25
PAYING = 30  # in each round
UP = 100
PATIENCE = timedelta(seconds=60)
SETTINGS = {"calls_per_second": "60", "concurrent_calls": str(UP + PAYING), "speech": "tone"}
LONG = "Proszę zapamiętać numer: {case}. " * 4
WAYS = {"they ring": "noanswer/60/", "they listen": "human/0/"}


@dataclass(frozen=True, slots=True)
class Payment:
    numbers: Sequence[str]  # that were called when it came
    posted: datetime
    replied: datetime


def pay(calling: Calling) -> Payment:
    def up() -> list[dict[str, Any]]:
        path = f"/v1/campaigns/{CAMPAIGN}/contacts?state=dialing&limit=200"
        return [contact for contact in calling.engine.api.get(path)["contacts"] if contact["cases"]]

    if not wait_until(lambda: len(up()) >= UP, PATIENCE, LOOK):
        raise TimeoutError("the calls did not get up: is the machine busy?")
    paying = up()[:PAYING]
    numbers = [contact["numbers"][0]["number"] for contact in paying]
    rows = [f"CL-TEST,{contact['cases'][0]},0.00,PLN,2" for contact in paying]
    body = "\n".join(["client_id,case_id,balance,currency,version", *rows]).encode()
    posted = datetime.now(UTC)
    calling.engine.api.post("/v1/balances?rows=refused", body, "text/csv")
    return Payment(numbers, posted, datetime.now(UTC))


def measure(on: Stand, what: str, behaviour: str) -> None:
    shutil.rmtree(on.folder, ignore_errors=True)
    with calling_with(Engine(on.laboratory, on.folder, SETTINGS)) as calling:
        debtors = [Debtor(case, (behaviour,)) for case in range(1, ROUNDS * PAYING + 4 * UP)]
        calling.begin(debtors, Manner(), attempts=1, ring_seconds=60, message=LONG)
        payments = [pay(calling) for _ in range(ROUNDS)]
    ended = {call.number: call.ended for call in calling.calls()}
    last = [max(ended[number] for number in each.numbers) - each.posted for each in payments]
    print(f"{what:12} from the post to the carrier's last hangup: {_figures(last)}")
    print(f"{'':12} from the post to the reply:                 {_figures([p.replied - p.posted for p in payments])}")


def _figures(spans: Sequence[timedelta]) -> str:
    ms = [span / timedelta(milliseconds=1) for span in spans]
    return f"median {median(ms):5.0f}, the longest of {len(ms)} {max(ms):5.0f} ms"


def main() -> None:
    with stand() as on:
        print(f"load average before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        for what, behaviour in WAYS.items():
            measure(on, what, behaviour)


if __name__ == "__main__":
    main()
