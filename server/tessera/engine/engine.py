"""The engine: answers from compiled plans where it can, from graphql-core where it must."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import OperationType
from strawberry import Schema

from tessera.engine.context import Context
from tessera.engine.core import CoreEngine
from tessera.engine.documents import Prepared
from tessera.engine.guard import Limits
from tessera.engine.nodes import NodeSpec, spec_of
from tessera.engine.plans.compiler import Setting
from tessera.engine.plans.kept import Kept
from tessera.engine.plans.plan import Plan, compile_query
from tessera.engine.plans.rendered import JSON_OPTIONS
from tessera.engine.plans.selection import Declined, deciding_variables
from tessera.engine.plans.variables import Variables
from tessera.kit import db, log
from tessera.kit.actor import Actor
from tessera.kit.errors import Problem
from tessera.kit.sql import seen


@dataclass
class Known:
    """What was worked out for one operation: its plans by what they depend on, or why there is none."""

    variables: Variables
    deciding: tuple[str, ...]
    plans: dict[tuple[Any, ...], Plan | str] = field(default_factory=dict)


@dataclass
class Counters:
    """How often operations were answered by a plan, compiled, declined, and answered by graphql-core after all."""

    planned: int = 0
    compiled: int = 0
    declined: int = 0
    failed: int = 0


class Engine(CoreEngine):
    """Runs a schema's operations; without `compiled`, graphql-core answers all of them."""

    def __init__(self, schema: Schema, *, limits: Limits | None = None, compiled: bool = True) -> None:
        super().__init__(schema, limits=limits)
        self.compiled = compiled
        self.kept = Kept(_kept_specs(schema))
        self.counters = Counters()
        self._strawberry = schema

    async def planned(self, prepared: Prepared, variables: Mapping[str, Any], context: Context) -> bytes | None:
        """Return the JSON of an answer without errors; None: graphql-core has to answer.

        Whatever fails here is told as the specification says, by the executor that knows all of it. A query has no
        effect, so it may begin again; of a mutation's fields, those that were performed are not performed again:
        `context.performed` holds what they returned or raised.
        """
        if not self.compiled or prepared.kind is OperationType.SUBSCRIPTION:
            return None
        try:
            plan, values = self.plan(prepared, variables, context.actor)
            if isinstance(plan, str):
                return None
            data = await plan.execute(context, self.kept, values, variables)
            answer = orjson.dumps({"data": data}, option=JSON_OPTIONS)
        except (Declined, Problem):
            return None
        except Exception:  # noqa: BLE001 - graphql-core finds out what it was, and whose fault
            self.counters.failed += 1
            log.get().debug("engine.plan_failed", operation=prepared.name, exc_info=True)
            return None
        self.counters.planned += 1
        return answer

    def plan(
        self, prepared: Prepared, variables: Mapping[str, Any], actor: Actor
    ) -> tuple[Plan | str, Mapping[str, Any]]:
        """Return a query's plan, or why there is none, and the variables' coerced values.

        Raises `Declined` for values graphql-core would refuse.
        """
        known = self._known(prepared)
        values = known.variables.coerced(variables)
        return self._plan(known, prepared, values, actor), values

    def _known(self, prepared: Prepared) -> Known:
        known: Known | None = prepared.memory.get(Known)
        if known is None:
            variables = Variables(self.schema, prepared.operation)
            known = prepared.memory[Known] = Known(variables, deciding_variables(prepared.document))
        return known

    def _plan(self, known: Known, prepared: Prepared, values: Mapping[str, Any], actor: Actor) -> Plan | str:
        dialect, open_to = db.dialect(), self._open_to(actor)
        key = (dialect, open_to, *[values.get(name) for name in known.deciding])
        plan = known.plans.get(key)
        if plan is None:
            setting = Setting(self._strawberry, dialect, open_to)
            try:
                plan = compile_query(setting, prepared, known.variables, values)
                self.counters.compiled += 1
            except Declined as declined:
                plan = str(declined)
                self.counters.declined += 1
            known.plans[key] = plan
        return plan

    def _open_to(self, actor: Actor) -> frozenset[str]:
        """Name the kept types of which the actor sees every row."""
        found: frozenset[str] | None = actor.memory.get(Engine)
        if found is None:
            open_specs = [spec for spec in self.kept.specs if seen(actor, spec.visible).everything]
            found = actor.memory[Engine] = frozenset(spec.name for spec in open_specs)
        return found


def _kept_specs(schema: Schema) -> tuple[NodeSpec, ...]:
    definitions = [known.definition for known in schema.schema_converter.type_map.values()]
    specs = [spec_of(getattr(definition, "origin", None)) for definition in definitions]
    return tuple(spec for spec in specs if spec is not None and spec.kept is not None)
