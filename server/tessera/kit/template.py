"""Words an administrator writes, with placeholders: a small, harmless part of Jinja.

Only what ends in time proportional to the text is understood: placeholders, `if`, comparisons and a few
filters. There are no loops, no calls and no arithmetic.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import ChainableUndefined, Template, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from tessera.kit.errors import Invalid, LimitExceeded
from tessera.kit.inputs import Field

MAX_SOURCE = 50_000
MAX_OUTPUT = 1_000_000
MAX_DEPTH = 40
FILTERS = frozenset({"capitalize", "default", "e", "escape", "lower", "title", "trim", "truncate", "upper"})

_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.Const,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Concat,
    nodes.Filter,
)


class BadTemplate(Invalid):
    """The text cannot be used as a template."""

    reason = "template.invalid"
    sentence = "The template is wrong: {what}."


class UnknownPlaceholder(Invalid):
    """The text mentions something nobody fills in."""

    reason = "template.placeholder"
    sentence = "Nothing is known by the name {name}; placeholders begin with {known}."


def _shown(value: object) -> object:
    return "" if value is None or callable(value) else value


def _environment(*, html: bool) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        autoescape=html, undefined=ChainableUndefined, finalize=_shown, keep_trailing_newline=True, cache_size=0
    )
    environment.filters = {name: environment.filters[name] for name in FILTERS}
    environment.tests = {name: environment.tests[name] for name in ("defined", "undefined", "none")}
    environment.globals.clear()
    return environment


_TEXT = _environment(html=False)
_HTML = _environment(html=True)


def check(source: str, *, known: frozenset[str], field: Field) -> None:
    """Make sure that a text can be rendered and that its placeholders begin with known names (`ticket`).

    Raises `LimitExceeded` above 50,000 characters, `BadTemplate` for what is not understood,
    `UnknownPlaceholder` for other names.
    """
    if len(source) > MAX_SOURCE:
        raise LimitExceeded("The text is longer than {limit} characters.", field=field, limit=MAX_SOURCE)
    try:
        names = _compiled(source, html=True)[1]
    except BadTemplate as problem:
        problem.field = field
        raise
    for name in sorted(names - known):
        raise UnknownPlaceholder(name=name, known=", ".join(sorted(known)), field=field)


def render_text(source: str, values: Mapping[str, Any]) -> str:
    """Fill plain text; `values` holds text, numbers and mappings of them, what is missing is empty.

    Raises `BadTemplate` for a text that `check` would refuse, `LimitExceeded` above a million characters.
    """
    return _rendered(_compiled(source, html=False)[0], values)


def render_html(source: str, values: Mapping[str, Any]) -> str:
    """Like `render_text` for HTML: values are escaped, unless they are `markupsafe.Markup`."""
    return _rendered(_compiled(source, html=True)[0], values)


def _rendered(template: Template, values: Mapping[str, Any]) -> str:
    pieces: list[str] = []
    length = 0
    try:
        for piece in template.generate(values):
            length += len(piece)
            if length > MAX_OUTPUT:
                raise LimitExceeded("The filled-in text is longer than {limit} characters.", limit=MAX_OUTPUT)
            pieces.append(piece)
    except (TemplateError, ArithmeticError, AttributeError, TypeError, ValueError) as error:
        raise BadTemplate(what=type(error).__name__) from error
    return "".join(pieces)


@lru_cache(maxsize=256)
def _compiled(source: str, *, html: bool) -> tuple[Template, frozenset[str]]:
    environment = _HTML if html else _TEXT
    try:
        tree = environment.parse(source)
        names = frozenset(_names(tree, 0))
        return environment.from_string(source), names
    except TemplateError as error:
        raise BadTemplate(what=f"{str(error).rstrip('.')}, line {getattr(error, 'lineno', 1)}") from error
    except (SyntaxError, RecursionError, MemoryError, ValueError, OverflowError) as error:
        raise BadTemplate(what="it is nested too deep") from error


def _names(node: nodes.Node, depth: int) -> Iterator[str]:
    """Yield the names a template asks for; refuse what is not understood."""
    if depth > MAX_DEPTH:
        raise BadTemplate(what="it is nested too deep")
    if not isinstance(node, _ALLOWED):
        raise BadTemplate(what=f"{type(node).__name__} is not possible here, line {node.lineno}")
    if isinstance(node, nodes.Filter) and node.name not in FILTERS:
        raise BadTemplate(what=f"there is no filter {node.name}, line {node.lineno}")
    if isinstance(node, nodes.Name):
        yield node.name
    for child in node.iter_child_nodes():
        yield from _names(child, depth + 1)
