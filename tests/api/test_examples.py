"""Does every example in the document fit what it is an example of?"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from api import openapi
from api.app import ROUTES

DOCUMENT: dict[str, Any] = json.loads(openapi.document(ROUTES, "1"))


def contents() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every body that is sent or answered as JSON: where, and what is said of it."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            bodies = {"request": operation.get("requestBody", {}), **operation["responses"]}
            for name, body in bodies.items():
                for media, content in body.get("content", {}).items():
                    if "$ref" in content.get("schema", {}):
                        yield f"{method} {path} {name} {media}", content


def test_the_document_is_openapi_3_1() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


CONTENTS = dict(contents())


@pytest.mark.parametrize("where", CONTENTS)
def test_an_example_fits_its_schema(where: str) -> None:
    content = CONTENTS[where]
    schema = content["schema"] | {"components": DOCUMENT["components"]}
    Draft202012Validator(schema).validate(content["example"])
