"""Every version of every event has its recorded JSON shape, and people can read it."""

import dataclasses
import re
from string import Formatter

import pytest

from tessera.kit.events import Event, to_json
from tessera.kit.ids import ObjectRef
from tools.events import house_events, recorded, shape

EVENTS = house_events()
NAME = re.compile(r"[a-z_]+\.[a-z_]+")
EXAMPLES = {"string": "text", "integer": 7, "boolean": True, "null": None}


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_a_shape_never_changes_within_a_version(event: type[Event]) -> None:
    shapes = recorded().get(event.name, {})
    assert str(event.version) in shapes, "a new event or version: run `python -m tools.events`"
    assert shape(event) == shapes[str(event.version)], "another shape needs a new version"


def test_no_recorded_event_is_forgotten() -> None:
    newest = {name: max(int(version) for version in versions) for name, versions in recorded().items()}
    assert newest == {event.name: event.version for event in EVENTS}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_an_event_can_be_read(event: type[Event]) -> None:
    fields = {field.name for field in dataclasses.fields(event)}
    assert NAME.fullmatch(event.name)
    assert event.sentence.strip()
    assert event.sentence.endswith((".", "{why}"))
    assert placeholders(event.sentence) <= fields
    assert {*event.mentions, *event.mentions.values()} <= fields
    if event.changed is not None:
        assert {"before", "after"} <= fields


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_an_event_says_when_it_changes_a_field(event: type[Event]) -> None:
    fields = {field.name for field in dataclasses.fields(event)}
    if {"before", "after"} <= fields:
        told_by_fact = "field" in fields or "dict" in str(event.__annotations__.get("before"))
        assert told_by_fact or event.changed


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_the_data_has_the_shape_that_is_told(event: type[Event]) -> None:
    values = {name: _example(kind) for name, kind in shape(event).items()}
    if "other" in values:
        values["other"] = ObjectRef("ticket", 7)
    fact = event(subject=ObjectRef("ticket", 1), **values)
    assert set(fact.data()) == set(shape(event))
    assert to_json(fact.data())


def test_customers_learn_what_they_see_anyway_and_nothing_else() -> None:
    public = {event.name for event in EVENTS if event.for_outsiders}
    assert public == {
        "ticket.absorbed",
        "ticket.created",
        "ticket.merged",
        "ticket.pending_set",
        "ticket.state_changed",
        "ticket.title_changed",
        "ticket.type_changed",
    }


def _example(kind: str) -> object:
    first = kind.partition(" or ")[0]
    if first.startswith("list of "):
        return (_example(first.removeprefix("list of ")),)
    if first.startswith("object of "):
        return {"key": "text"}
    return EXAMPLES[first]
