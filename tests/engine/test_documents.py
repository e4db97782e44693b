"""Documents are prepared once, refused with codes, and forgotten in time."""

import pytest
from graphql import GraphQLSchema, OperationType, build_schema

from tessera.engine import documents as module
from tessera.engine.documents import Documents, Refused
from tessera.engine.guard import Guard, Limits

SCHEMA = build_schema("type Query { name(x: String): String, page(first: Int): Page } type Page { nodes: [Query!]! }")


def make(schema: GraphQLSchema = SCHEMA, **limits: int) -> Documents:
    return Documents(schema, Guard(schema, Limits(**limits)))


def codes(documents: Documents, source: str, name: str | None = None, **variables: object) -> list[str]:
    with pytest.raises(Refused) as refused:
        documents.prepare(source, name, variables)
    return [str((error.extensions or {})["code"]) for error in refused.value.errors]


def test_the_same_text_gives_the_same_operation() -> None:
    documents = make()
    first = documents.prepare("query A{name} query B{name}", "B", {})
    assert documents.prepare("query A{name} query B{name}", "B", {}) is first
    assert (first.name, first.kind) == ("B", OperationType.QUERY)
    other = documents.prepare("query A{name} query B{name}", "A", {})
    assert other.document is first.document
    assert other.name == "A"


@pytest.mark.parametrize("again", [False, True])
def test_choosing_is_exact_whether_the_document_is_known_or_not(again: bool) -> None:
    documents = make()
    source = "query A{name} query B{name}"
    if again:
        documents.prepare(source, "A", {})
    assert codes(documents, source) == ["OPERATION_RESOLUTION_FAILURE"]
    assert codes(documents, source, "C") == ["OPERATION_RESOLUTION_FAILURE"]
    assert codes(documents, source, "") == ["OPERATION_RESOLUTION_FAILURE"]


def test_refusals_have_codes_each_time() -> None:
    documents = make()
    for _ in range(2):
        assert codes(documents, "{") == ["GRAPHQL_PARSE_FAILED"]
        assert codes(documents, "{a b}") == ["GRAPHQL_VALIDATION_FAILED"] * 2
        assert codes(documents, "{" + "name " * 1999 + "}") == ["LIMIT_EXCEEDED"]
        assert codes(documents, "#\n" * 2001 + "{name}") == ["LIMIT_EXCEEDED"]
        assert codes(documents, "{name @skip(if: 1)}") == ["GRAPHQL_VALIDATION_FAILED"]


def test_a_known_document_is_still_held_to_the_limits_of_its_variables() -> None:
    documents = make(cost=10)
    source = "query($n: Int){page(first: $n){nodes{name}}}"
    documents.prepare(source, None, {"n": 5})
    assert codes(documents, source, None, n=50) == ["LIMIT_EXCEEDED"]
    assert codes(documents, source, None) == ["LIMIT_EXCEEDED"]
    assert codes(documents, source, None, n=None) == ["LIMIT_EXCEEDED"]
    assert codes(documents, source, None, n=[1]) == ["LIMIT_EXCEEDED"]
    documents.prepare(source, None, {"n": 9})


def test_the_memory_is_bounded_by_count_and_by_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED_DOCUMENTS", 2)
    documents = make()
    first, second, third = (documents.prepare(f"query Q{n}{{name}}", None, {}) for n in range(3))
    assert documents.prepare("query Q2{name}", None, {}) is third
    assert documents.prepare("query Q1{name}", None, {}) is second
    assert documents.prepare("query Q0{name}", None, {}) is not first
    monkeypatch.setattr(module, "REMEMBERED_CHARACTERS", 20)
    kept = documents.prepare("query Q8{name}", None, {})
    assert documents.prepare("query Q8{name}", None, {}) is kept
    documents.prepare("query Q9{name}", None, {})
    assert documents.prepare("query Q8{name}", None, {}) is not kept


def test_long_documents_are_not_remembered() -> None:
    documents = make()
    source = '{name(x: "%s")}' % ("x" * module.REMEMBERED_LENGTH)
    assert documents.prepare(source, None, {}) is not documents.prepare(source, None, {})


def test_a_lone_surrogate_is_a_syntax_error() -> None:
    assert codes(make(), '{name(x: "\ud800")}') == ["GRAPHQL_PARSE_FAILED"]


def test_an_operation_s_cost_is_told_for_the_variables_it_was_prepared_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED_SIZES", 2)
    documents = make()
    source = "query($n: Int){page(first: $n){nodes{name}}}"
    for size in (1, 5, 9, 1):
        prepared = documents.prepare(source, None, {"n": size})
        assert prepared.cost({"n": size}) == 1 + size
    assert prepared.cost({"n": 5}) is None
    assert prepared.cost({"n": 9}) == 10


def test_a_document_is_known_once_it_was_prepared() -> None:
    documents = make()
    assert not documents.remembers("{name}")
    documents.prepare("{name}", None, {})
    assert documents.remembers("{name}")
    codes(documents, "{nothing}")
    assert not documents.remembers("{nothing}")


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("fragment F on Query{name}", "OPERATION_RESOLUTION_FAILURE"),
        ("query A{name} query B{nothing}", "GRAPHQL_VALIDATION_FAILED"),
        ("query A{name} query B{page(first: 50){nodes{name}}}", "LIMIT_EXCEEDED"),
    ],
)
def test_a_document_that_cannot_run_is_found_out_without_running_it(source: str, code: str) -> None:
    documents = make(cost=20)
    with pytest.raises(Refused) as refused:
        documents.examine(source)
    assert [(error.extensions or {})["code"] for error in refused.value.errors] == [code]


def test_page_sizes_that_are_not_known_yet_make_no_document_unfit() -> None:
    make(cost=20).examine("query A($n: Int){page(first: $n){nodes{name}}} query B{name}")
