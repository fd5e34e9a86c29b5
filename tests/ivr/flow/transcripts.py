"""Which transcripts are kept, and how are they made anew?

python -m tests.ivr.flow.transcripts        writes tests/fixtures/transcripts; read the difference before you commit it
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from audio.grammar import Language
from ivr.flow import shipped
from ivr.flow.contact import contact
from ivr.flow.passage import without_audio
from ivr.flow.session import FlowScript
from ivr.flow.transcripts import transcript

FIXTURES = Path(__file__).parents[2] / "fixtures"
KEPT = FIXTURES / "transcripts"
JAN: dict[str, Any] = json.loads((FIXTURES / "flows" / "jan.json").read_text("utf-8"))
COMPANY = {name: value for name, value in JAN.items() if name != "person"} | {"company": "Wzór Hurt Sp. z o.o."}
UNCERTAIN = JAN | {"person": {"first_name": "Jan", "last_name": "Gołąb", "sex": "M"}, "at": "19:30"}
IN_ENGLISH = {"block_subject": "the service"}
MODEL = "S04_overdue_soft"  # of the flows that differ in nothing but their message


def script(
    name: str,
    given: dict[str, Any] | None = None,
    *,
    told: bool = False,
    recording: str | None = None,
    is_withheld: bool = False,
) -> FlowScript:
    flow = shipped.load(name)
    values = (given or JAN) | (IN_ENGLISH if flow.language is Language.ENGLISH else {})
    debtor = contact(json.dumps(values), flow.language, may_be_told=told)
    return without_audio(flow, debtor, recording=recording, is_withheld=is_withheld)


def scripts() -> Iterator[tuple[str, FlowScript]]:
    """Each by the name of its transcript."""
    for name in shipped.names():
        yield name, script(name)
    yield f"{MODEL}.company", script(MODEL, COMPANY)
    yield f"{MODEL}.company_told", script(MODEL, COMPANY, told=True)
    yield f"{MODEL}.uncertain_name", script(MODEL, UNCERTAIN)
    yield f"{MODEL}.recording", script(MODEL, recording="/recordings/1")
    yield "S12_inbound_complaints.recording", script("S12_inbound_complaints", recording="/recordings/1")
    yield "S12_inbound_complaints.withheld", script("S12_inbound_complaints", is_withheld=True)
    yield "S07_please_call_back.company", script("S07_please_call_back", COMPANY)
    yield "S07_please_call_back_en.company", script("S07_please_call_back_en", COMPANY)
    yield "S07_please_call_back.uncertain_name", script("S07_please_call_back", UNCERTAIN)


def main() -> None:
    for name, each in scripts():
        (KEPT / f"{name}.txt").write_text(transcript(each), "utf-8")


if __name__ == "__main__":
    main()
