"""Small words of Markdown."""

import inspect
from collections.abc import Iterable, Sequence

NOTE = "<!-- Written by `make docs` from what the code declares; change it there. -->"


def page(title: str, *parts: str) -> str:
    """Put a page together from paragraphs, lists and tables."""
    return "\n\n".join([f"# {title}", NOTE, *(part for part in parts if part)]) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table; a bar inside a cell is escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def code(text: str) -> str:
    """Mark text as code, unless there is none."""
    return f"`{text}`" if text else ""


def said(documented: object) -> str:
    """Return the docstring of a class or function, its paragraphs kept."""
    return inspect.getdoc(documented) or ""
