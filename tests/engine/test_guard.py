"""The guard measures rightly, and in time linear in the document's length."""

from collections.abc import Callable
from typing import Any

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Visitor,
    build_schema,
    get_introspection_query,
    parse,
    visit,
)
from hypothesis import given, settings, strategies

from tessera.engine.guard import PAGE_MAXIMUM, Guard, Limits, Measure, TooDeep, page_variables

SCHEMA = build_schema(
    """
    interface Named { name: String, self: Node }
    type Node implements Named { name: String, self: Node, many: [Node!]!, page(first: Int = 20, last: Int): Page! }
    type Page { nodes: [Node!]!, total: Int!, open(first: Int, last: Int): Page }
    type Query { self: Node, name: String, page(first: Int = 20, last: Int): Page!, many(first: Int): [Node!]! }
    """
)


def operation_of(document: DocumentNode) -> OperationDefinitionNode:
    return next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))


def measure(source: str, variables: dict[str, Any] | None = None, **options: Any) -> Measure:
    document = parse(source)
    return Guard(SCHEMA, **options).measure(document, operation_of(document), variables)


def broken(source: str, variables: dict[str, Any] | None = None, **limits: int) -> list[dict[str, Any]]:
    document = parse(source)
    _, errors = Guard(SCHEMA, Limits(**limits)).check(document, operation_of(document), variables)
    return [dict(error.extensions or {}) for error in errors]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{name}", Measure(0, 0, 0, 1, 1, 0)),
        ("{self{name}}", Measure(1, 0, 0, 1, 1, 1)),
        ("{a: name b: self{c: name}}", Measure(1, 3, 0, 2, 1, 1)),
        ("{self{name name} self{name}}", Measure(1, 0, 0, 2, 2, 2)),
        ("query @a {name @b ...F @c ...@d{name}} fragment F on Query @e {name}", Measure(0, 0, 5, 3, 1, 0)),
        ("{...F ...F} fragment F on Query{a: name self{name}}", Measure(1, 2, 0, 4, 1, 2)),
        ("{self{...on Named{self{name}}}}", Measure(2, 0, 0, 1, 1, 2)),
        ("{__typename __schema{types{name}}}", Measure(0, 0, 0, 2, 1, 0)),
        ("{nothing{at{all}} ...Unknown ...on Unknown{x}}", Measure(2, 0, 0, 2, 1, 0)),
        ("{...F} fragment F on Query{self{name} ...F}", Measure(1, 0, 0, 1, 1, 1)),
    ],
)
def test_sizes(source: str, expected: Measure) -> None:
    assert measure(source) == expected


@pytest.mark.parametrize(
    ("source", "variables", "cost"),
    [
        ("{page(first: 50){total nodes{name self{name}}}}", {}, 1 + 50 * 2),
        ("{page(first: 50){...F}} fragment F on Page{nodes{...G}} fragment G on Node{self{name}}", {}, 1 + 50 * 2),
        ("{page{nodes{name}}}", {}, 1 + 20),
        ("{page(last: 5){nodes{name}}}", {}, 1 + 5),
        ("{page(first: 5, last: 7){nodes{name}}}", {}, 1 + 7),
        ("{page(first: 5){open{nodes{name}}}}", {}, 1 + 1 + PAGE_MAXIMUM),
        ("{page(first: 10){nodes{page(first: 10){nodes{name}}}}}", {}, 1 + 10 * (1 + 1 + 10)),
        ("{many(first: 3){name}}", {}, 3),
        ("{self{many{self{name}}}}", {}, 1 + 1 + 1),
        ("query($n: Int){page(first: $n){nodes{name}}}", {"n": 7}, 1 + 7),
        ("query($n: Int = 9){page(first: $n){nodes{name}}}", {}, 1 + 9),
        ("query($n: Int){page(first: $n){nodes{name}}}", {}, 1 + PAGE_MAXIMUM),
        ("query($n: Int){page(first: $n){nodes{name}}}", {"n": None}, 1 + PAGE_MAXIMUM),
        ("query($n: Int){page(first: $n){nodes{name}}}", {"n": True}, 1 + PAGE_MAXIMUM),
        ("query($n: Int){page(first: $n){nodes{name}}}", {"n": 10**9}, 1 + PAGE_MAXIMUM),
        ("query($n: Int){page(first: $n){nodes{name}}}", {"n": -5}, 1 + 1),
    ],
)
def test_costs(source: str, variables: dict[str, Any], cost: int) -> None:
    assert measure(source, variables).cost == cost


def test_weights_count() -> None:
    weights = {("Page", "total"): (10, None), ("Node", "many"): (2, 30), ("Query", "name"): (5, None)}
    found = measure(
        "{name page(first: 4){total nodes{many{name}}}}",
        weights=lambda type_name, field_name: weights.get((type_name, field_name), (None, None)),
    )
    assert found.cost == 5 + 1 + 10 + 4 * (1 + 30 * 2)


@pytest.mark.parametrize(
    ("source", "limit", "actual", "maximum"),
    [
        ("{" + "self{" * 13 + "name" + "}" * 14, "depth", 13, 12),
        ("{" + " ".join(f"a{n}: name" for n in range(31)) + "}", "aliases", 31, 30),
        ("{" + "name " * 21 + "}", "root_fields", 21, 20),
        ("{name" + " @skip(if: false)" * 51 + "}", "directives", 51, 50),
        ("{self{" + "name " * 51 + "}}", "repeats", 51, 50),
        ("{page(first: 100){nodes{page(first: 50){nodes{name}}}}}", "cost", 5201, 5000),
    ],
)
def test_each_limit_names_itself(source: str, limit: str, actual: int, maximum: int) -> None:
    found = [error for error in broken(source) if error["limit"] == limit]
    assert found == [{"code": "LIMIT_EXCEEDED", "limit": limit, "actual": actual, "maximum": maximum}]


def test_what_is_at_the_limit_passes() -> None:
    assert broken("{" + "self{" * 12 + "name" + "}" * 13) == []
    assert broken("{" + "name " * 20 + "}") == []
    assert broken(get_introspection_query()) == []


@pytest.mark.parametrize("inside", ["self{%s}", "...{%s}", "...on Query{%s}"])
def test_bottomless_nesting_is_refused_without_recursion(inside: str) -> None:
    source = "name"
    for _ in range(150):
        source = inside.replace("%s", source)
    with pytest.raises(TooDeep):
        measure("{" + source + "}")
    [error] = broken("{" + source + "}")
    assert error["limit"] == "depth"


def test_a_chain_of_fragments_cannot_hide_its_depth() -> None:
    chain = "".join(f"fragment F{n} on Node{{self{{...F{n + 1}}}}}" for n in range(200))
    [error] = broken("{self{...F0}}" + chain + "fragment F200 on Node{name}")
    assert error["limit"] == "depth"


def test_numbers_stay_small_however_fragments_multiply() -> None:
    bomb = "".join(f"fragment F{n} on Node{{...F{n + 1} ...F{n + 1}}}" for n in range(90))
    found = measure("{self{...F0}}" + bomb + "fragment F90 on Node{a: name many{name}}")
    assert found.aliases == found.cost == 10**9


def test_the_variables_that_stand_for_page_sizes_are_named() -> None:
    source = "query($a: Int, $b: Int, $c: Int){page(first: $a){nodes{...F}} many(x: $c){name}}"
    assert page_variables(parse(source + "fragment F on Node{...{page(last: $b){total}}}")) == {"a", "b"}


Fields = strategies.recursive(
    strategies.sampled_from(["name", "x: name", "name @skip(if: false)", "...F{next}"]),
    lambda inner: strategies.builds(
        lambda shape, parts: shape.replace("%", " ".join(parts)),
        strategies.sampled_from(
            [
                "self{%}",
                "y: self{%}",
                "many{%}",
                "page(first: 3){nodes{%}}",
                "...{%}",
                "...on Node @a {%}",
                "page{total}",
            ]
        ),
        strategies.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)


@strategies.composite
def documents(draw: Callable[[Any], Any], fragments: int) -> str:
    """Documents whose fragments spread only later ones, as often as they like."""
    bodies = [draw(strategies.lists(Fields, min_size=1, max_size=3)) for _ in range(fragments + 1)]
    texts = [
        " ".join(body).replace("...F{next}", f"...F{draw(strategies.integers(number + 1, fragments))}")
        if number < fragments
        else " ".join(body).replace("...F{next}", "name")
        for number, body in enumerate(bodies)
    ]
    defined = " ".join(f"fragment F{number} on Node{{{text}}}" for number, text in enumerate(texts) if number)
    return f"{{self{{{texts[0]}}}}} {defined}"


class _Counter(Visitor):
    """Counts a document's fields."""

    def __init__(self) -> None:
        super().__init__()
        self.fields = 0

    def enter_field(self, *_: Any) -> None:
        self.fields += 1


@given(documents(fragments=4))
def test_measures_equal_those_of_the_document_written_out(source: str) -> None:
    assert measure(source) == measure(written_out(parse(source)))


@settings(max_examples=40)
@given(documents(fragments=12))
def test_every_field_is_looked_at_once(source: str) -> None:
    looked_at = 0

    def weights(_type_name: str, _field_name: str) -> tuple[None, None]:
        nonlocal looked_at
        looked_at += 1
        return None, None

    document = parse(source)
    counter = _Counter()
    visit(document, counter)
    measure(source, weights=weights)
    assert looked_at <= counter.fields


def written_out(document: DocumentNode) -> str:
    """Replace every fragment spread by an inline fragment, as a naive reader would."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}

    def text(selected: SelectionSetNode | None) -> str:
        if selected is None:
            return ""
        parts = []
        for node in selected.selections:
            if isinstance(node, FragmentSpreadNode):
                parts.append(f"...on Node{text(fragments[node.name.value].selection_set)}")
            elif isinstance(node, FieldNode):
                alias = f"{node.alias.value}: " if node.alias else ""
                arguments = "(first: 3)" if node.arguments else ""
                directives = " @skip(if: false)" * len(node.directives or ())
                parts.append(f"{alias}{node.name.value}{arguments}{directives}{text(node.selection_set)}")
            elif isinstance(node, InlineFragmentNode):
                directives = " @a" * len(node.directives or ())
                parts.append(f"...on Node{directives}{text(node.selection_set)}")
        return "{" + " ".join(parts) + "}"

    return text(operation_of(document).selection_set)
