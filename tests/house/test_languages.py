"""Every sentence for people has its translation, and translations are used."""

import ast
import dataclasses
from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.resources import files
from importlib.util import find_spec
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from tessera.kit.errors import Problem
from tessera.kit.i18n import translate
from tessera.notifications._words import SENTENCES
from tessera.testing.house import House
from tests.articles.words import furnish
from tests.tickets.desk import gid
from tools.checks.source import last_name, modules
from tools.events import house_events
from tools.house import belongs, whole_house

LANGUAGES = sorted(path.name.removesuffix(".po") for path in (files("tessera") / "locale").iterdir())
PACKAGES = [each.package for each in whole_house().distributions]

LOCK_AND_RETITLE = """
mutation ($id: ID!) {
  ticketLock(id: $id) { userErrors { message } }
  ticketUpdate(id: $id, input: {title: ""}) { userErrors { message code } }
}
"""
HISTORY = "query ($id: ID!) { ticket(id: $id) { history { nodes { summary } } } }"


def problems(kind: type[Problem] = Problem) -> Iterator[type[Problem]]:
    yield kind
    for each in kind.__subclasses__():
        yield from problems(each)


def sentences(package: str) -> set[str]:
    """Return those of events, notifications and problems, also what is said where a problem is raised."""
    events = {event.sentence for event in house_events() if event.__module__.startswith(f"{package}.")}
    own = [problem for problem in problems() if problem.__module__.startswith(f"{package}.")]
    names = {problem.__name__ for problem in problems() if belongs(problem)}
    raised = {
        node.args[0].value
        for module in modules(patterns=(f"server/{package}", f"plugins/*/{package}"))
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and last_name(node.func) in names
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }
    told = set(said(package))
    return events | told | raised | {problem.sentence for problem in own}


def said(package: str) -> Iterable[str]:
    """Return the sentences a package lists as its words beside problems and facts."""
    if package == "tessera":
        return SENTENCES.values()
    return () if find_spec(f"{package}._words") is None else import_module(f"{package}._words").SENTENCES.values()


def catalog(package: str, language: str) -> Catalog:
    source = files(package) / "locale" / f"{language}.po"
    if not source.is_file():
        return Catalog(locale=language)
    with source.open("rb") as stream:
        return read_po(stream, locale=language, abort_invalid=True)


def translated(package: str, language: str) -> set[str]:
    return {str(message.id) for message in catalog(package, language) if message.id and message.string}


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated_and_no_translation_is_left_over(package: str, language: str) -> None:
    own, needed = translated(package, language), sentences(package)
    assert needed - own - translated("tessera", language) == set()
    assert own - needed == set()


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_names_the_same_facts(package: str, language: str) -> None:
    different = [
        message.id
        for message in catalog(package, language)
        if message.id and placeholders(str(message.id)) != placeholders(str(message.string))
    ]
    assert different == []


@pytest.mark.parametrize(("locale", "words"), [("de-AT", "Melden"), ("de", "Melden"), ("en", "Sign"), ("tlh", "Sign")])
def test_a_locale_chooses_the_language(locale: str, words: str) -> None:
    assert translate("Sign in first.", locale).startswith(words)


async def test_a_german_viewer_reads_german(house: House) -> None:
    desk = await furnish(house)
    ticket = await desk.ticket(desk.anna)
    german = dataclasses.replace(desk.anna, locale="de-AT")
    answer = await house.ask(LOCK_AND_RETITLE, {"id": gid(ticket)}, actor=german)
    assert answer["ticketLock"]["userErrors"] == []
    assert answer["ticketUpdate"]["userErrors"] == [{"message": "Ein Wert fehlt.", "code": "REQUIRED"}]
    for reader, words in ((german, "Anna hat das Ticket gesperrt."), (desk.anna, "Anna locked the ticket.")):
        told = await house.ask(HISTORY, {"id": gid(ticket)}, actor=reader)
        assert {"summary": words} in told["ticket"]["history"]["nodes"]
