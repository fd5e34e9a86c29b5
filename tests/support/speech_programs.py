"""Stand-ins for speech programs that speak their real command lines, and for Google's answer to gTTS."""

import base64
import json
import os
import re
import sys
import textwrap
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread

import numpy as np
import soundfile


def program(folder: Path, name: str, script: str) -> str:
    """A command of that name that does what the shell script says."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return os.fspath(path)


def python_program(folder: Path, name: str, script: str) -> str:
    """A command of that name that does what the Python script says."""
    path = folder / name
    path.write_text(f"#!{sys.executable}\n{textwrap.dedent(script)}")
    path.chmod(0o755)
    return os.fspath(path)


def piper(folder: Path) -> str:
    """As piper-tts 1.8 reads its arguments: every line of standard input is a text, all of them one wave on "-"."""
    return python_program(
        folder,
        "piper",
        """
        import argparse, io, json, math, struct, sys, wave
        from pathlib import Path
        parser = argparse.ArgumentParser()
        parser.add_argument("-m", "--model", required=True)
        parser.add_argument("-f", "--output-file", "--output_file")
        parser.add_argument("-s", "--speaker", type=int)
        parser.add_argument("--length-scale", "--length_scale", type=float)
        chosen, unknown = parser.parse_known_args()
        if not Path(chosen.model).exists():
            raise ValueError(f"Unable to find voice: {chosen.model} (use piper.download_voices)")
        rate = json.loads(Path(chosen.model + ".json").read_text())["audio"]["sample_rate"]
        lines = [" ".join(unknown)] if unknown else [line.strip() for line in sys.stdin if line.strip()]
        held = io.BytesIO()
        with wave.open(held, "wb") as out:
            out.setnchannels(1), out.setsampwidth(2), out.setframerate(rate)
            for line in lines:
                for letter in line:
                    pitch = 300 + 7 * ord(letter) % 2700
                    length = int(rate * 0.08 * chosen.length_scale)
                    at = (round(9000 * math.sin(2 * math.pi * pitch * n / rate)) for n in range(length))
                    out.writeframes(b"".join(struct.pack("<h", each) for each in at))
        assert chosen.output_file == "-"
        sys.stdout.buffer.write(held.getvalue())
        """,
    )


def piper_voice(folder: Path, name: str = "pl_PL-anna-medium") -> Path:
    """A voice file in name and description only."""
    model = folder / f"{name}.onnx"
    model.write_bytes(b"a network")
    model.with_name(f"{model.name}.json").write_text(json.dumps({"audio": {"sample_rate": 22050}}))
    return model


@dataclass
class Google:
    """What was asked of the stand-in, and how it answers."""

    address: str
    asked: list[str] = field(default_factory=list)
    answer: str | None = None  # instead of speech
    status: int = 200


@contextmanager
def google() -> Iterator[Google]:
    """Answers batchexecute requests as Google Translate does: base64 of an MP3 inside of doubly escaped JSON."""
    server = HTTPServer(("127.0.0.1", 0), _Answering)
    told = Google(f"http://127.0.0.1:{server.server_port}/batchexecute")
    _Answering.told = told
    serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    try:
        yield told
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


class _Answering(BaseHTTPRequestHandler):
    told: Google

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        asked = urllib.parse.unquote(re.sub(r"^f\.req=|&$", "", body))
        [[[rpc, parameters, *_]]] = json.loads(asked)
        text, *_ = json.loads(parameters)
        self.told.asked.append(text)
        inner = json.dumps([base64.b64encode(_mp3(text)).decode()])
        lines = [")]}'", "", json.dumps([["wrb.fr", rpc, inner, None, None, None, "generic"]], separators=(",", ":"))]
        answer = "\n".join(lines) if self.told.answer is None else self.told.answer
        self.send_response(self.told.status)
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Tests have their own words."""


def _mp3(text: str) -> bytes:
    rate = 24_000
    at = np.arange(int(rate * 0.08 * len(text))) / rate
    held = BytesIO()
    soundfile.write(held, 0.5 * np.sin(2 * np.pi * (300 + len(text) * 20) * at), rate, format="MP3")
    return held.getvalue()
