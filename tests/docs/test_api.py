"""Do the lines that docs/api.md shows work as they stand?"""

import asyncio
import json
import os
import re
from pathlib import Path

from tests.support.api import api_on, call_list, campaign

ROOT = Path(__file__).parents[2]


async def test_the_examples_with_curl_do_what_they_say(tmp_path: Path) -> None:
    [script] = re.findall(r"```sh\n(.*?)```", (ROOT / "docs/api.md").read_text("utf-8"), re.DOTALL)
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "campaign.json").write_text(json.dumps(campaign()))
    lines = call_list(20).splitlines(keepends=True)
    (folder / "list.csv").write_bytes(b"".join([lines[0], *(line for line in lines[1:] if b"EN-OVERDUE" in line)]))
    async with api_on(tmp_path) as api:
        holder = await api.holder()
        running = await asyncio.create_subprocess_exec(
            "bash", "-euc", script.replace("http://127.0.0.1:8080", api.base), cwd=folder,
            env=os.environ | {"KEY": holder.token or ""},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        said, wrong = await running.communicate()
        case = (await holder.get("/v1/cases/EN%2F2026%2F000002?client_id=CL-ENERGIA")).json
    assert (running.returncode, wrong.decode()) == (0, ""), said.decode()
    assert case["blocked"] == ["B_PAUSED"]
    assert "case.paused" in said.decode()
    assert (folder / "contacts.csv").read_text("utf-8").startswith("contact_id,")
