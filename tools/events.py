"""The JSON shapes of the house's events; `python -m tools.events` records new ones in tests/house/events.json."""

import dataclasses
import json
import sys
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin

from tessera.kit.events import Event, known, known_names
from tessera.kit.ids import ObjectRef
from tools.house import belongs, whole_house

RECORDED = Path(__file__).resolve().parents[1] / "tests" / "house" / "events.json"

WORDS = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null", ObjectRef: "string"}

Shapes = dict[str, dict[str, dict[str, str]]]
"""By an event's name and its version, as text: the fields of its data with their JSON types."""


def house_events() -> list[type[Event]]:
    """Return the events that the slices of the kernel and of the installed packages declare, by name."""
    whole_house()
    found = [known(name) for name in known_names()]
    return [event for event in found if event is not None and belongs(event)]


def shape(event: type[Event]) -> dict[str, str]:
    """Return the fields of an event's data with their JSON types."""
    return {field.name: _type(field.type) for field in dataclasses.fields(event) if field.name != "subject"}


def _type(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, UnionType):
        return " or ".join(_type(argument) for argument in arguments)
    if origin in {tuple, list}:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return f"object of {_type(arguments[1])}"
    return WORDS[annotation]


def recorded() -> Shapes:
    """Read the shapes as they were recorded."""
    shapes: Shapes = json.loads(RECORDED.read_text(encoding="utf-8"))
    return shapes


def main() -> int:
    shapes = recorded()
    changed = []
    for event in house_events():
        versions = shapes.setdefault(event.name, {})
        if versions.setdefault(str(event.version), shape(event)) != shape(event):
            changed.append(event.name)
    if changed:
        print(f"These have another shape and need a new version: {', '.join(changed)}", file=sys.stderr)
        return 1
    RECORDED.write_text(json.dumps(shapes, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
