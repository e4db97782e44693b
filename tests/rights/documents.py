"""Documents made from the schema itself, so that tests reach every field without naming each."""

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema, get_named_type, is_leaf_type

from tessera.testing.house import base_assembly

PROBLEMS = "userErrors { code reason field message }"


def graphql_schema() -> GraphQLSchema:
    """Give the schema of the whole house."""
    return base_assembly().schema._schema


def mutation_fields() -> dict[str, GraphQLField]:
    mutation = graphql_schema().mutation_type
    assert mutation is not None
    return dict(mutation.fields)


def mutation(name: str, arguments: Mapping[str, Any], selection: str = "") -> str:
    """Write the document of a mutation with these arguments as its variables."""
    types = mutation_fields()[name].args
    declared = ", ".join(f"${argument}: {types[argument].type}" for argument in arguments)
    passed = ", ".join(f"{argument}: ${argument}" for argument in arguments)
    head, tail = (f"({declared})", f"({passed})") if arguments else ("", "")
    return f"mutation{head} {{ {name}{tail} {{ {selection} {PROBLEMS} }} }}"


def leaves(kind: GraphQLObjectType) -> list[str]:
    """Name the fields of a type that hold values and can be asked for without arguments."""
    return [name for name, field in kind.fields.items() if is_leaf_type(get_named_type(field.type))]


def steps(kind: GraphQLObjectType) -> dict[str, GraphQLObjectType]:
    """Name the fields of a type that lead to objects, with the types they lead to."""
    found: dict[str, GraphQLObjectType] = {}
    for name, field in kind.fields.items():
        target = get_named_type(field.type)
        if isinstance(target, GraphQLObjectType):
            found[name] = target
    return found
