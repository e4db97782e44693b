"""The page of the hooks and of what answers them."""

import dataclasses
import inspect
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

from tessera import plugin
from tessera.assembly.discovery import answers, register
from tessera.plugin.hooks import Hooks
from tools.docs.markdown import page, said
from tools.house import whole_house


def asked() -> dict[str, Any]:
    """Return every hook by its name, those the house itself asks first."""
    offered = [specification for _, specification in answers(register(whole_house().distributions), "hookspecs")]
    return {
        name: function for each in (Hooks, *offered) for name, function in inspect.getmembers(each, inspect.isfunction)
    }


def hooks() -> str:
    """Write the page of the hooks."""
    found = asked()
    house = {name: hook for name, hook in found.items() if hook.__module__ == Hooks.__module__}
    return page(
        "Hooks",
        "A hook is a question, asked once when the house is assembled: it takes nothing and returns a list of "
        "declarations. A slice answers in its `plugin.py`, with `@hookimpl` from `tessera.plugin`. The entry point "
        "group is `tessera`: the name is the label of the package, the value its import package. Questions of a slice "
        "that may be absent are answered with `@hookimpl(optionalhook=True)`.",
        "## Questions of the house",
        *(part for name, hook in house.items() for part in _question(name, hook)),
        "## Questions of the slices",
        *(part for name, hook in found.items() if name not in house for part in _question(name, hook)),
        "## Declarations",
        *(part for name in plugin.__all__ if inspect.isclass(getattr(plugin, name)) for part in _declaration(name)),
    )


def _question(name: str, hook: Any) -> Iterator[str]:
    returned = get_type_hints(hook)["return"]
    yield f"### `{name}() -> {_words(returned)}`"
    yield said(hook)
    if hook.__module__ != Hooks.__module__:
        yield f"Asked by `{hook.__module__.removesuffix('.hooks')}`."
        for answer in get_args(returned):
            yield _signature(answer)
            yield said(answer)


def _declaration(name: str) -> Iterator[str]:
    declaration = getattr(plugin, name)
    yield f"### `{name}`"
    yield _signature(declaration)
    yield said(declaration)


def _signature(declaration: Any) -> str:
    lines = [f"    {field.name}: {_words(field.type)}{_default(field)}," for field in dataclasses.fields(declaration)]
    return "\n".join(["```python", f"{declaration.__name__}(", *lines, ")", "```"])


def _default(field: dataclasses.Field[Any]) -> str:
    if field.default is not dataclasses.MISSING:
        return f" = {field.default!r}"
    return "" if field.default_factory is dataclasses.MISSING else f" = {field.default_factory()!r}"


def _words(annotation: Any) -> str:
    if isinstance(annotation, type) and not get_args(annotation):
        return annotation.__name__
    text = str(annotation)
    for prefix in ("collections.abc.", "typing.", "datetime.", "~"):
        text = text.replace(prefix, "")
    return ".".join(text.split(".")[-1:]) if text.startswith("tessera.") else _short(text)


def _short(text: str) -> str:
    """Leave the modules out of the names of the house's own classes."""
    words = text.replace("[", " [ ").replace("]", " ] ").replace(",", " , ").split(" ")
    return (
        "".join(word.rpartition(".")[2] if word.startswith(("tessera.", "tortoise.")) else word for word in words)
        .replace(",", ", ")
        .replace("|", " | ")
    )
