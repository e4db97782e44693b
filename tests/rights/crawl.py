"""Reads everything a schema offers to somebody, field by field, and looks for words they must not read."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLNonNull, GraphQLObjectType, get_named_type

from tessera.kit.actor import Actor
from tessera.testing.house import House
from tests.rights.documents import graphql_schema, leaves, steps

DEPTH = 3
"""How many objects a document follows from its root field; nodes of connections count as one more."""
PAGE = "(first: 6)"
FEW, MANY = 4, 50
"""How many objects of a type are asked for one by one, and together."""

Leak = tuple[str, str]


@dataclass
class Crawl:
    """What was asked and which answers held a word that should stay hidden."""

    house: House
    ids: Mapping[str, Sequence[str]]
    words: Sequence[str]
    asked: int = 0
    leaks: list[Leak] = field(default_factory=list)
    found: set[str] = field(default_factory=set)

    async def read(self, actor: Actor | None) -> "Crawl":
        """Ask for every path from every root field, and for every object by its id."""
        for document, variables in self._documents():
            answer = await self.house.graphql(document, variables, actor=actor)
            self.note(document, answer)
        return self

    def note(self, document: str, answer: Mapping[str, Any]) -> None:
        """Look for the words in an answer, errors included."""
        self.asked += 1
        codes = {error.get("extensions", {}).get("code") for error in answer.get("errors", ())}
        assert codes <= {"FORBIDDEN", "UNAUTHENTICATED"}, (document, answer)
        text = json.dumps(answer, ensure_ascii=False).casefold()
        hits = [word for word in self.words if word.casefold() in text]
        self.found.update(hits)
        self.leaks.extend((word, document) for word in hits)

    def _documents(self) -> Iterator[tuple[str, dict[str, Any]]]:
        query = graphql_schema().query_type
        assert query is not None
        for name, root in query.fields.items():
            target = get_named_type(root.type)
            required = {arg for arg, value in root.args.items() if isinstance(value.type, GraphQLNonNull)}
            if not isinstance(target, GraphQLObjectType):
                continue
            page = PAGE if "first" in root.args else ""
            if not required:
                for selection in _selections(target, DEPTH, ()):
                    yield f"{{ {name}{page} {selection} }}", {}
            elif required == {"id"}:
                for selection in _selections(target, 1, ()):
                    for key in self.ids[target.name][-FEW:]:
                        yield f"query ($id: ID!) {{ {name}(id: $id) {selection} }}", {"id": key}
        for kind, keys in self.ids.items():
            for selection in _selections(_object(kind), 1, ()):
                document = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {kind} {selection} }} }}"
                yield document, {"ids": keys[-MANY:]}


def _object(name: str) -> GraphQLObjectType:
    found = graphql_schema().type_map[name]
    assert isinstance(found, GraphQLObjectType)
    return found


def _selections(kind: GraphQLObjectType, depth: int, above: tuple[str, ...]) -> Iterator[str]:
    """Yield a selection for every path of types below one, each with the values at its end."""
    values = leaves(kind)
    if values:
        yield f"{{ {' '.join(values)} }}"
    if depth == 0:
        return
    for name, target in steps(kind).items():
        if target.name in above or target.name == kind.name or name == "edges":
            continue
        hop = 0 if kind.name.endswith("Connection") else 1
        page = PAGE if "first" in kind.fields[name].args else ""
        for selection in _selections(target, depth - hop, (*above, kind.name)):
            yield f"{{ {name}{page} {selection} }}"
