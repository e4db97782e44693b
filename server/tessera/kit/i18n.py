"""Words in the reader's language: gettext catalogs of the kernel and the packages, English without one."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from babel.messages.pofile import read_po

FALLBACK = "en"
NOTHING = "-"
_homes: list[str] = ["tessera"]


def add_catalogs(package: str) -> None:
    """Let a package's folder `locale/<language>.po` count, too."""
    if package not in _homes:
        _homes.append(package)
        _catalog.cache_clear()


def translate(sentence: str, locale: str, facts: Mapping[str, Any] | None = None) -> str:
    """Return a sentence in a locale's language (`de`, `de-AT`), with its `{facts}` filled in."""
    language = locale.replace("_", "-").partition("-")[0].lower()
    words = _catalog(language).get(sentence, sentence) if language != FALLBACK else sentence
    return words.format_map(_Facts(facts)) if facts else words


class _Facts(dict[str, Any]):
    """Facts for a sentence; an old fact may lack one the sentence names."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        super().__init__({name: NOTHING if value is None else value for name, value in facts.items()})

    def __missing__(self, name: str) -> str:
        return NOTHING


@cache
def _catalog(language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    if not language.isalpha():
        return found
    for package in _homes:
        source = files(package) / "locale" / f"{language}.po"
        if source.is_file():
            with source.open("rb") as stream:
                catalog = read_po(stream, locale=language)
            found.update({str(message.id): str(message.string) for message in catalog if message.id and message.string})
    return found
