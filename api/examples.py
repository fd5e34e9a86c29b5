"""What might be sent and answered? An example of every schema, made of the schema itself.

Fields say what they are like in their own ``examples``; the rest follows from types and bounds.
"""

from collections.abc import Callable, Mapping
from typing import Any

Json = dict[str, Any]

_BY_FORMAT = {
    "date-time": "2026-11-23T09:00:00Z",
    "date": "2026-11-23",
    "time": "08:00",
    "uri": "https://crm.example/dzwonek",
}
_TYPES: Mapping[str, Any] = {
    "string": str,
    "number": int | float,
    "integer": int,
    "boolean": bool,
    "array": list,
    "object": dict,
}
_DEEPEST = 8  # schemas may speak of themselves


def example(schema: Mapping[str, Any], named: Mapping[str, Json], *, is_sent: bool) -> Any:
    """A value that fits.

    Args:
        named: the schemas that ``$ref`` speaks of, by the last part of the reference.
        is_sent: what may be left out is left out; what is answered is shown whole.
    """
    return _Maker(named, is_sent).make(schema, 0)


class _Maker:
    def __init__(self, named: Mapping[str, Json], is_sent: bool) -> None:
        self._named = named
        self._is_sent = is_sent

    def make(self, schema: Mapping[str, Any], depth: int) -> Any:
        told = [*schema.get("examples", ()), *([schema["default"]] if "default" in schema else ())]
        kind = _TYPES.get(schema.get("type", ""))  # what is sent as a number may be answered as text
        fitting = [each for each in told if (isinstance(each, kind) if kind else each in schema.get("examples", ()))]
        if fitting:
            return fitting[0]
        match schema:
            case {"const": value} | {"enum": [value, *_]}:
                return value
            case {"$ref": str(reference)}:
                return self.make(self._named[reference.rpartition("/")[2]], depth)
            case {"anyOf": [*choices]} | {"oneOf": [*choices]} | {"allOf": [*choices]}:
                if self._is_sent and "default" in schema:
                    return schema["default"]
                return self.make(next((each for each in choices if each != {"type": "null"}), choices[0]), depth)
        making: Mapping[str, Callable[[Mapping[str, Any], int], Any]] = {
            "object": self._object,
            "array": self._array,
            "string": _string,
            "integer": _integer,
            "number": _integer,
            "boolean": _boolean,
        }
        make = making.get(schema.get("type", ""))
        return make(schema, depth) if make else None

    def _object(self, schema: Mapping[str, Any], depth: int) -> Json:
        required = schema.get("required", ())
        properties = schema.get("properties", {})
        made = {
            name: self.make(each, depth + 1)
            for name, each in properties.items()
            if name in required or (not self._is_sent and depth < _DEEPEST)
        }
        more = schema.get("additionalProperties")
        if not properties and isinstance(more, dict) and not self._is_sent:
            names = self.make(schema["propertyNames"], depth) if "propertyNames" in schema else "name"
            made[str(names)] = self.make(more, depth + 1)
        return made

    def _array(self, schema: Mapping[str, Any], depth: int) -> list[Any]:
        if "prefixItems" in schema:
            return [self.make(each, depth + 1) for each in schema["prefixItems"]]
        if depth >= _DEEPEST and not schema.get("minItems"):
            return []
        return [self.make(schema.get("items", {}), depth + 1)]


def _string(schema: Mapping[str, Any], _depth: int) -> str:
    return _BY_FORMAT.get(schema.get("format", ""), "text"[: schema.get("maxLength", 4)])


def _integer(schema: Mapping[str, Any], _depth: int) -> int:
    least = schema.get("minimum", schema.get("exclusiveMinimum", 0) + ("exclusiveMinimum" in schema))
    return int(max(least, min(1, schema.get("maximum", 1))))


def _boolean(_schema: Mapping[str, Any], _depth: int) -> bool:
    return True
