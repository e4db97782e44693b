"""Facts in words: every fact about a ticket has a sentence made of its own fields, and says what it changed."""

import dataclasses
import string

import pytest

from tessera.history.queries import changes_of, summary_of
from tessera.kit.events import Event, known, known_names
from tessera.kit.journal import Entry
from tessera.testing.house import base_assembly

ROOMS = ("ticket.", "article.", "link.", "mail.")


def facts_about_tickets() -> list[type[Event]]:
    base_assembly()  # imports every slice
    found = [known(name) for name in known_names() if name.startswith(ROOMS)]
    return [event for event in found if event is not None]


def fields_of(event: type[Event]) -> set[str]:
    return {field.name for field in dataclasses.fields(event)} - {"subject"}


@pytest.mark.parametrize("event", facts_about_tickets(), ids=lambda event: event.name)
def test_every_fact_about_a_ticket_has_a_sentence_of_its_own_fields(event: type[Event]) -> None:
    named = {name for _, name, _, _ in string.Formatter().parse(event.sentence) if name}
    assert event.sentence.endswith((".", "{why}"))
    assert named <= fields_of(event)
    assert {*event.mentions, *event.mentions.values()} <= fields_of(event)
    assert (event.changed is not None) == ({"before", "after"} <= fields_of(event))


def entry(name: str, data: str) -> Entry:
    return Entry(id=1, name=name, shape=1, subject_kind="ticket", subject_id=1, data=data)


def test_a_fact_is_worded_and_told_as_before_and_after() -> None:
    fact = entry("ticket.state_changed", '{"before":"new","after":"open","before_id":1}')
    assert summary_of(fact, "en") == "The state changed from new to open."
    assert [(change.field, change.before, change.after) for change in changes_of(fact)] == [("state", "new", "open")]


def test_what_the_reader_may_not_see_is_left_out() -> None:
    fact = entry("ticket.merged", '{"into":"2026112110000014","into_id":7}')
    assert summary_of(fact, "en") == "Merged into ticket 2026112110000014."
    assert summary_of(fact, "en", {"into"}) == "Merged into ticket -."


def test_facts_of_packages_that_are_gone_stay_readable() -> None:
    gone = entry("gone.item_linked", '{"before":{"votes":1},"after":{"votes":2}}')
    assert summary_of(gone, "de") == "gone: item linked"
    assert [(change.field, change.before, change.after) for change in changes_of(gone)] == [("votes", "1", "2")]
