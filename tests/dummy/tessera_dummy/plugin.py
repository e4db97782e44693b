"""What the dummy declares: something for every question."""

from datetime import datetime, timedelta
from typing import Any

from tessera.accounts.graphql import Agent
from tessera.articles.graphql import TicketCreateInput
from tessera.engine.roots import Mutation, Query, Subscription
from tessera.files.hooks import BlobOwner
from tessera.kit.wiring import Wiring
from tessera.links.hooks import Linkable
from tessera.mail.hooks import Filter
from tessera.plugin import (
    Check,
    Command,
    Daemon,
    Extension,
    Guard,
    Handler,
    Health,
    Job,
    Permission,
    Route,
    Schedule,
    Setting,
    hookimpl,
)
from tessera.search.hooks import Searchable
from tessera.search.service import keeping
from tessera.tickets.graphql import Ticket, TicketFilter, TicketUpdateInput
from tessera.tickets.hooks import NumberGenerator, TicketFinder
from tessera_dummy import _routes, cli, queries, service
from tessera_dummy import handlers as own
from tessera_dummy import jobs as work
from tessera_dummy.events import Reacted, Remarked
from tessera_dummy.graphql import (
    AgentDummy,
    DummyMutation,
    DummyQuery,
    DummySubscription,
    TicketCreateDummy,
    TicketDummy,
    TicketFilterDummy,
    TicketUpdateDummy,
)
from tessera_dummy.hooks import Hooks
from tessera_dummy.permissions import REMARK
from tessera_dummy.settings import FORBIDDEN

REMARKS = Searchable(queries.KIND, "DummyRemark", queries.visible_to, queries.texts, stale_on=(Reacted,))


@hookimpl
def extensions() -> list[Extension]:
    return [
        Extension(Query, DummyQuery),
        Extension(Mutation, DummyMutation),
        Extension(Subscription, DummySubscription),
        Extension(Ticket, TicketDummy),
        Extension(Agent, AgentDummy),
        Extension(TicketCreateInput, TicketCreateDummy),
        Extension(TicketUpdateInput, TicketUpdateDummy),
        Extension(TicketFilter, TicketFilterDummy),
    ]


@hookimpl
def handlers() -> list[Handler]:
    return [Handler("dummy.react", on=Remarked, run=own.on_remarked), *keeping(REMARKS)]


@hookimpl
def guards() -> list[Guard]:
    return [Guard(on=Remarked, run=own.refuse_forbidden_word)]


@hookimpl
def jobs() -> list[Job | Schedule]:
    return [Job("dummy.echo", work.echo, in_unit=False), Schedule("dummy.echo", every=timedelta(days=1))]


@hookimpl
def daemons() -> list[Daemon]:
    return [Daemon("dummy.listener", work.listen)]


@hookimpl
def permissions() -> list[Permission]:
    return [REMARK]


@hookimpl
def settings() -> list[Setting[Any]]:
    return [FORBIDDEN]


@hookimpl
def commands() -> list[Command]:
    return [Command("dummy", cli.app)]


@hookimpl
def routes() -> list[Route]:
    return [Route("GET", "/x/dummy/remarks", _routes.show)]


async def _well(_wiring: Wiring) -> Health:
    return Health(ok=True, facts={"words": 2})


@hookimpl
def checks() -> list[Check]:
    return [Check("dummy", _well)]


@hookimpl
def hookspecs() -> list[type]:
    return [Hooks]


@hookimpl
def dummy_words() -> list[str]:
    return ["indeed", "perhaps"]


@hookimpl
def number_generators() -> list[NumberGenerator]:
    def write(_instant: datetime, _system_id: int, value: int) -> str:
        return f"D{value:06}"

    return [NumberGenerator("dummy", counter=lambda _instant: "dummy", write=write)]


@hookimpl
def linkables() -> list[Linkable]:
    return [Linkable(queries.KIND, visible=queries.visible_to, touch=service.touch)]


@hookimpl
def searchables() -> list[Searchable]:
    return [REMARKS]


@hookimpl
def ticket_finders() -> list[TicketFinder]:
    return [TicketFinder(queries.saying)]


@hookimpl
def mail_filters() -> list[Filter]:
    return [Filter("dummy.urgent", lambda message: {"Priority": "5 very high"} if "!!!" in message.subject else {})]


@hookimpl
def blob_owners() -> list[BlobOwner]:
    return [BlobOwner("dummy", queries.named)]
