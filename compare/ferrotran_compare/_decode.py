"""Dataclasses from JSON, by their annotations. Standard library only."""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from typing import Any, TypeVar

T = TypeVar("T")

NAMES = {
    int: "a whole number",
    float: "a number",
    str: "a text",
    bool: "true or false",
    dict: "an object",
    list: "a list",
    type(None): "null",
}


class DecodeError(ValueError):
    """The JSON is not what the class says; the message names the place."""


def decode(kind: type[T], value: Any, where: str = "") -> T:
    """Make a `kind` of what `json` has read; `where` names the place for errors."""
    if dataclasses.is_dataclass(kind):
        return _object(kind, value, where)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        if value is None and type(None) in arguments:
            return None
        (other,) = (a for a in arguments if a is not type(None))
        return decode(other, value, where)
    if origin is list:
        _expect(list, value, where)
        return [decode(arguments[0], item, f"{where}[{i}]") for i, item in enumerate(value)]
    if origin is dict:
        _expect(dict, value, where)
        return {key: decode(arguments[1], item, f"{where}.{key}") for key, item in value.items()}
    if kind is float and type(value) is int:
        value = float(value)
    _expect(kind, value, where)
    if kind is float and not (math.isfinite(value) and value >= 0):
        raise DecodeError(f"`{where}` is {value}, expected a finite number that is not negative")
    return value


def _object(kind: type[T], value: Any, where: str) -> T:
    _expect(dict, value, where)
    hints = typing.get_type_hints(kind)
    found = {}
    for field in dataclasses.fields(kind):
        if not field.metadata.get("json", True):
            continue
        key = field.metadata.get("key", field.name)
        place = f"{where}.{key}".lstrip(".")
        if key in value:
            found[field.name] = decode(hints[field.name], value[key], place)
        elif field.default is dataclasses.MISSING:
            raise DecodeError(f"`{place}` is missing, expected {_name(hints[field.name])}")
    return kind(**found)


def _expect(kind: type, value: Any, where: str) -> None:
    if type(value) is not kind:
        raise DecodeError(f"`{where or 'the whole'}` is {value!r:.60}, expected {_name(kind)}")


def _name(kind: Any) -> str:
    if dataclasses.is_dataclass(kind):
        return NAMES[dict]
    return NAMES.get(typing.get_origin(kind) or kind, str(kind))
