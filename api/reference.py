"""What can be asked, as a page for people? Made of the API document; it loads nothing from anywhere."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from html import escape
from http import HTTPStatus
from typing import Any

from aiohttp import web

from api.operations import DESCRIBED, Answer, Asked, Nothing, operation

Json = Mapping[str, Any]

_STYLE = """
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 20%, transparent); }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 3rem; text-transform: capitalize; }
details { border: 1px solid var(--line); border-radius: .4rem; margin: .5rem 0; padding: .5rem .8rem; }
summary { cursor: pointer; }
code, pre { font: .875rem/1.45 ui-monospace, monospace; }
pre { border: 1px solid var(--line); border-radius: .4rem; padding: .6rem; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line); }
b.method { display: inline-block; min-width: 4.5rem; }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def written(document: bytes) -> bytes:
    """The page, as HTML."""
    described = json.loads(document)
    return "".join(_page(described)).encode()


@operation("Read this reference", {HTTPStatus.OK: Answer("A page.", media="text/html", schema={"type": "string"})})
async def page(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    _, written_page = await asyncio.to_thread(asked.request.app[DESCRIBED])
    return web.Response(
        body=written_page,
        headers={"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": _POLICY},
    )


def _page(document: Json) -> Iterator[str]:
    info = document["info"]
    yield (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(info["title"])} API</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>"
    )
    yield from (f"<p>{_text(part)}</p>" for part in info["description"].split("\n\n"))
    yield '<p>The same for machines: <a href="/v1/openapi.json">/v1/openapi.json</a></p>'
    for tag in document["tags"]:
        yield f'<h2 id="{escape(tag["name"])}">{escape(tag["name"])}</h2>'
        for path, methods in document["paths"].items():
            for method, described in methods.items():
                if tag["name"] in described["tags"]:
                    yield from _operation(method, path, described)


def _operation(method: str, path: str, described: Json) -> Iterator[str]:
    yield (
        f'<details id="{escape(described["operationId"])}"><summary><b class="method">{method.upper()}</b>'
        f"<code>{escape(path)}</code> — {escape(described['summary'])}</summary>"
    )
    yield from (f"<p>{_text(part)}</p>" for part in described.get("description", "").split("\n\n") if part)
    if described["parameters"]:
        yield "<table><tr><th>Parameter<th>In<th>What it is</tr>"
        yield from map(_parameter, described["parameters"])
        yield "</table>"
    yield from _content("It is sent", described.get("requestBody", {}))
    for status, answer in described["responses"].items():
        yield f"<p><b>{status}</b> {_text(answer['description'])}</p>"
        if status.startswith("2"):
            yield from _content("It answers", answer)
    yield "</details>"


def _parameter(each: Json) -> str:
    needed = " (needed)" if each["required"] else ""
    return (
        f"<tr><td><code>{escape(each['name'])}</code>{needed}<td>{each['in']}"
        f"<td>{_text(each.get('description', ''))} <code>{escape(_kind(each['schema']))}</code></tr>"
    )


def _kind(schema: Json) -> str:
    match schema:
        case {"enum": [*values]}:
            return " | ".join(map(str, values))
        case {"anyOf": [*choices]}:
            return " | ".join(_kind(each) for each in choices if each != {"type": "null"})
    bounds = [f"{name} {schema[name]}" for name in ("minimum", "maximum", "pattern", "format") if name in schema]
    return ", ".join([str(schema.get("type", "")), *bounds])


def _content(says: str, body: Json) -> Iterator[str]:
    for media, content in body.get("content", {}).items():
        if "example" in content:
            shown = json.dumps(content["example"], ensure_ascii=False, indent=2)
            yield f"<p>{says} <code>{escape(media)}</code>, such as:</p><pre>{escape(shown)}</pre>"
        else:
            yield f"<p>{says} <code>{escape(media)}</code>.</p>"


def _text(text: str) -> str:
    """What docstrings mark as code is shown as code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts))
