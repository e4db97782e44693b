"""The public schema: the committed file is current, and it keeps the promises of the contract."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    BreakingChangeType,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
    build_schema,
    find_breaking_changes,
)

from tessera.testing.house import base_assembly
from tests.corpus import CORPUS

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = CORPUS.parent / "contract" / "kernel.graphql"
needs_contract = pytest.mark.skipif(not CONTRACT.is_file(), reason="the contract folder is absent")

LATER = {
    "services and SLAs": {
        *("Service", "Sla", "Query.services", "Query.slas", "Ticket.service", "Ticket.sla"),
        *("TicketFilter.serviceId", "TicketFilter.slaId"),
        *("TicketCreateInput.serviceId", "TicketCreateInput.slaId"),
        *("TicketUpdateInput.serviceId", "TicketUpdateInput.slaId"),
    },
    "calendars": {"Calendar", "Query.calendars"},
    "escalations": {
        *("Escalation", "EscalationClock", "Ticket.escalation"),
        *("TicketFilter.escalatesAt", "TicketOrderField.ESCALATES_AT"),
    },
    "dynamic fields": {
        *("DynamicField", "DynamicFieldOption", "DynamicFieldKind", "DynamicFieldValue"),
        *("DynamicFieldInput", "DynamicFieldValueInput", "DynamicFieldFilter"),
        *("Query.dynamicFields", "Ticket.dynamicFields", "TicketFilter.dynamicFields"),
        *("TicketCreateInput.dynamicFields", "TicketUpdateInput.dynamicFields"),
    },
    "webhooks": {
        *("Webhook", "WebhookDelivery", "WebhookDeliveryState", "WebhookDeliveryEdge", "WebhookDeliveryConnection"),
        *("WebhookCreateInput", "WebhookPayload", "Query.webhooks"),
        *("Mutation.webhookCreate", "Mutation.webhookDelete", "Mutation.webhookRedeliver"),
    },
}
"""What the contract has and this house not yet, by the slice that brings it."""

REMOVALS = {
    BreakingChangeType.TYPE_REMOVED,
    BreakingChangeType.FIELD_REMOVED,
    BreakingChangeType.VALUE_REMOVED_FROM_ENUM,
}


@pytest.fixture(scope="module")
def ours() -> GraphQLSchema:
    return build_schema(base_assembly().schema.sdl)


@pytest.fixture(scope="module")
def contract() -> GraphQLSchema:
    return build_schema(CONTRACT.read_text(encoding="utf-8"))


def test_the_committed_file_is_what_the_house_prints() -> None:
    committed = (ROOT / "schema.graphql").read_text(encoding="utf-8")
    assert committed == base_assembly().schema.sdl, "schema.graphql is stale: run `make schema`"


@needs_contract
def test_nothing_breaks_the_contract_but_what_comes_later(contract: GraphQLSchema, ours: GraphQLSchema) -> None:
    missing, broken = set(), []
    for change in find_breaking_changes(contract, ours):
        if change.type in REMOVALS:
            missing.add(next(word for word in change.description.split() if word.removesuffix(".") in _names(contract)))
        else:
            broken.append(change.description)
    assert broken == []
    assert missing == set().union(*LATER.values())


@needs_contract
def test_types_and_defaults_are_the_contracts(contract: GraphQLSchema, ours: GraphQLSchema) -> None:
    mine = dict(_parts(ours))
    different = [
        f"{name}: {_shape(mine[name])} instead of {_shape(part)}"
        for name, part in _parts(contract)
        if name in mine and _shape(mine[name]) != _shape(part)
    ]
    assert different == []


@needs_contract
def test_what_the_contract_describes_is_described(contract: GraphQLSchema, ours: GraphQLSchema) -> None:
    mine = dict(_parts(ours))
    silent = [
        name
        for name, part in _parts(contract)
        if name in mine and part.description and not (mine[name].description or "").strip()
    ]
    assert silent == []


def test_every_node_says_what_it_is(ours: GraphQLSchema) -> None:
    nodes = ours.get_possible_types(_interface(ours, "Node"))
    assert [node.name for node in nodes if not node.description] == []
    assert len(nodes) > 10


def test_every_mutation_answers_with_user_errors(ours: GraphQLSchema) -> None:
    assert ours.mutation_type is not None
    payloads = {str(field.type).removesuffix("!") for field in ours.mutation_type.fields.values()}
    for name in payloads:
        payload = ours.type_map[name]
        assert isinstance(payload, GraphQLObjectType)
        assert str(payload.fields["userErrors"].type) == "[UserError!]!", name
        others = [field for key, field in payload.fields.items() if key != "userErrors"]
        assert any(not str(field.type).endswith("!") for field in others), name


def _interface(schema: GraphQLSchema, name: str) -> GraphQLInterfaceType:
    found = schema.type_map[name]
    assert isinstance(found, GraphQLInterfaceType)
    return found


def _names(schema: GraphQLSchema) -> set[str]:
    return {name for name, _ in _parts(schema)}


def _shape(part: Any) -> tuple[str, Any]:
    """Return what a client relies on: the type of a part, and its default where it takes values."""
    default = getattr(part, "default_value", Undefined)
    return str(getattr(part, "type", "")), "nothing" if default is Undefined else default


def _parts(schema: GraphQLSchema) -> Iterator[tuple[str, Any]]:
    """Yield every type, field, argument and enum value of a schema with its dotted name."""
    for name, kind in schema.type_map.items():
        if name.startswith("__"):
            continue
        yield name, kind
        if isinstance(kind, GraphQLEnumType):
            yield from ((f"{name}.{value}", definition) for value, definition in kind.values.items())
        elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field_name, field in kind.fields.items():
                yield f"{name}.{field_name}", field
                for argument_name, argument in field.args.items():
                    yield f"{name}.{field_name}({argument_name})", argument
        elif isinstance(kind, GraphQLInputObjectType):
            yield from ((f"{name}.{field_name}", field) for field_name, field in kind.fields.items())
