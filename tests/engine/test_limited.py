"""Fields with a bucket of their own: found in any document, with the values that name their buckets."""

from typing import Any

import pytest
import strawberry
from strawberry import Schema

from tessera.engine.core import CoreEngine
from tessera.engine.directives import Limited


@strawberry.type
class Thing:
    name: str = "thing"


def _search(text: str) -> Thing:
    return Thing()


def _one() -> int:
    return 1


@strawberry.type
class Query:
    search: Thing = strawberry.field(
        resolver=_search, directives=[Limited(bucket="search", per_minute=5, by=["caller", "text"])]
    )

    @strawberry.field
    def plain(self) -> Thing:
        return Thing()


ENGINE = CoreEngine(Schema(query=Query))


def used(source: str, **variables: Any) -> list[tuple[str, str | None]]:
    prepared = ENGINE.prepare(source, None, variables)
    return [(use.limited.bucket, use.value("text", variables)) for use in prepared.limited]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{plain{name}}", []),
        ('{search(text: "a"){name}}', ["a"]),
        ('{search: plain{name} a: search(text: "a"){name} b: search(text: "b"){name}}', ["a", "b"]),
        (
            '{search(text: "a"){name} ... {search(text: "a"){name}} ...F} fragment F on Query{search(text: "a"){name}}',
            ["a"],
        ),
        ('{...F} fragment F on Query{...G} fragment G on Query{x: search(text: "a"){name}}', ["a"]),
        ('{search(text: "a") @include(if: false) {name}}', ["a"]),
        ('{search(text: """block"""){name}}', ["block"]),
        ("query($t: String!){search(text: $t){name}}", ["given"]),
        ('query($u: String! = "preset"){search(text: $u){name}}', ["preset"]),
    ],
)
def test_every_use_is_found_once_with_its_value(source: str, expected: list[str]) -> None:
    found = used(source, t="given")
    assert {bucket for bucket, _ in found} <= {"search"}
    assert sorted(str(value) for _, value in found) == expected


def test_a_value_that_is_no_string_is_none() -> None:
    assert used("query($t: String!){search(text: $t){name}}", t=7) == [("search", None)]
    assert used("query($t: String!){search(text: $t){name}}") == [("search", None)]


def test_only_root_fields_are_limited_and_only_by_what_there_is() -> None:
    @strawberry.type
    class Deep:
        field: int = strawberry.field(resolver=_one, directives=[Limited(bucket="deep", per_minute=5, by=["caller"])])

    @strawberry.type(name="Query")
    class Nested:
        @strawberry.field
        def deep(self) -> Deep:
            return Deep()

    @strawberry.type(name="Query")
    class Misnamed:
        field: int = strawberry.field(resolver=_one, directives=[Limited(bucket="x", per_minute=5, by=["login"])])

    with pytest.raises(ValueError, match=r"Deep.field is no root field"):
        CoreEngine(Schema(query=Nested))
    with pytest.raises(ValueError, match=r"Query.field is limited by login, which is none of its arguments"):
        CoreEngine(Schema(query=Misnamed))
