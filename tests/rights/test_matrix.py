"""The rights matrix: for each right and each verb on tickets and articles, allowed or refused, through the API.

The table is OTRS's meaning of the rights: `ro` shows; `create` opens tickets; `note` adds notes; `owner` gives a
ticket to somebody else, and takes a lock from somebody else; `priority` changes the priority; `move_into` lets
tickets come into the queue; everything else changes a ticket and needs `rw`, which implies all the others.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tessera.accounts.settings import SHARE_CUSTOMER_TICKETS
from tessera.kit.actor import RIGHTS, Actor
from tessera.settings import service as settings
from tessera.testing.house import House
from tessera.tickets.settings import CUSTOMER_MAY_CLOSE
from tests.rights.documents import mutation
from tests.rights.scene import Scene
from tests.tickets.desk import actor as fresh_actor
from tests.tickets.desk import gid

Arguments = Callable[[dict[str, str]], dict[str, Any]]
ALLOWED, FORBIDDEN, HIDDEN = "allowed", "FORBIDDEN", "NOT_FOUND"


@dataclass(frozen=True)
class Verb:
    """One way to change something: a mutation with arguments made of the scene's ids.

    `needs` are the rights that suffice beside `ro`; `rw` always does. `by_customer` is what it answers to the
    customer user the ticket belongs to.
    """

    name: str
    field: str
    arguments: Arguments
    needs: frozenset[str] = frozenset()
    by_customer: str = FORBIDDEN
    closed: bool = False
    locked: bool = False
    labelled: bool = False
    linked: bool = False


def update(**values: str | None) -> Arguments:
    return lambda ids: {"id": ids["ticket"], "input": {k: ids.get(v, v) if v else v for k, v in values.items()}}


def one(**values: Any) -> Arguments:
    return lambda ids: (
        {"id": ids["ticket"]} | {k: ids.get(v, v) if isinstance(v, str) else v for k, v in values.items()}
    )


def article(channel: str, **more: str) -> Arguments:
    def arguments(ids: dict[str, str]) -> dict[str, Any]:
        named = {name: ids[value] for name, value in more.items()}
        return {"ticketId": ids["ticket"], "input": {"channel": channel, "body": "Words"}, **named}

    return arguments


def new_ticket(ids: dict[str, str]) -> dict[str, Any]:
    return {"title": "New", "queueId": ids["queue"], "article": {"body": "Words", "channel": "web"}}


def link(ids: dict[str, str]) -> dict[str, Any]:
    return {"id": ids["ticket"], "link": {"kind": "normal", "ticketId": ids["other"]}}


ANY = frozenset(RIGHTS)
VERBS = (
    Verb("create", "ticketCreate", lambda ids: {"input": new_ticket(ids)}, frozenset({"create"}), ALLOWED),
    Verb("retitle", "ticketUpdate", update(title="Else")),
    Verb("prioritise", "ticketUpdate", update(priorityId="high"), frozenset({"priority"})),
    Verb("prioritise and retitle", "ticketUpdate", update(priorityId="high", title="Else")),
    Verb("change the state", "ticketUpdate", update(stateId="pending")),
    Verb("change the type", "ticketUpdate", update(typeId="type")),
    Verb("change the customer user", "ticketUpdate", update(customerUserId="colleague")),
    Verb("clear the customer user", "ticketUpdate", update(customerUserId=None)),
    Verb("make nobody responsible", "ticketUpdate", update(responsibleId=None)),
    Verb("move", "ticketMove", one(queueId="sub_queue")),
    Verb("assign", "ticketAssign", one(ownerId="anna"), frozenset({"owner"}), HIDDEN),
    Verb("release", "ticketAssign", one(ownerId=None), frozenset({"owner"})),
    Verb("lock", "ticketLock", one()),
    Verb("take a lock over", "ticketLock", one(force=True), frozenset({"owner"}), locked=True),
    Verb("unlock another's", "ticketUnlock", one(), frozenset({"owner"}), locked=True),
    Verb("close", "ticketClose", one(stateId="closed"), by_customer=ALLOWED),
    Verb("close with a note", "ticketClose", one(stateId="closed", note="Done"), by_customer=ALLOWED),
    Verb("reopen", "ticketReopen", one(), by_customer=ALLOWED, closed=True),
    Verb("merge", "ticketMerge", one(intoId="other")),
    Verb("split", "ticketSplit", lambda ids: {"articleId": ids["article"], "input": new_ticket(ids)}),
    Verb("label", "ticketTagsAdd", one(tags=["hot"])),
    Verb("take a label off", "ticketTagsRemove", one(tags=["hot"]), labelled=True),
    Verb("link", "ticketLinkAdd", link),
    Verb("unlink", "ticketLinkRemove", link, linked=True),
    Verb("watch", "ticketWatch", one(), ANY),
    Verb("stop watching", "ticketUnwatch", one(), ANY),
    Verb("mark as seen", "ticketMarkSeen", one(), ANY, ALLOWED),
    Verb("note", "articleCreate", article("note"), frozenset({"note"})),
    Verb("note and change the state", "articleCreate", article("note", stateId="pending")),
    Verb("reply", "articleCreate", article("email")),
    Verb("record a call", "articleCreate", article("phone")),
    Verb("write on the portal", "articleCreate", article("web"), by_customer=ALLOWED),
    Verb("forward", "articleForward", lambda ids: {"id": ids["article"], "to": ["x@example.com"]}),
)


async def attempt(scene: Scene, verb: Verb, actor: Actor) -> str:
    """Try a verb on a fresh ticket; return what came of it. A refusal must leave nothing behind."""
    await scene.prepare(closed=verb.closed, locked=verb.locked, labelled=verb.labelled)
    if verb.linked:
        await scene.link()
    arguments = verb.arguments(scene.ids)
    before = await scene.traces()
    answer = await scene.desk.house.ask(mutation(verb.field, arguments), arguments, actor=actor)
    errors = answer[verb.field]["userErrors"]
    changed = await scene.traces() != before
    if errors:
        assert not changed, f"{verb.name} was refused and left traces"
        return str(errors[0]["code"])
    assert changed or verb.field == "ticketUnwatch", f"{verb.name} was allowed and changed nothing"
    return ALLOWED


@pytest.fixture
async def scene(house: House) -> Scene:
    return await Scene.open(house)


def expected(verb: Verb, rights: frozenset[str]) -> str:
    if "rw" in rights or verb.needs & rights - {"ro"} or verb.needs == ANY:
        return ALLOWED
    return FORBIDDEN


@pytest.mark.parametrize("right", RIGHTS)
async def test_what_each_right_allows_to_those_who_may_read(scene: Scene, right: str) -> None:
    rights = frozenset({"ro", right})
    agent = await scene.desk.agent_with("tester", rights)
    found = {verb.name: await attempt(scene, verb, agent) for verb in VERBS}
    assert found == {verb.name: expected(verb, rights) for verb in VERBS}


@pytest.mark.parametrize("rights", [(), *((right,) for right in RIGHTS if right not in {"ro", "rw"})], ids=str)
async def test_a_ticket_nobody_shows_them_is_unknown_to_agents(scene: Scene, rights: tuple[str, ...]) -> None:
    agent = await scene.desk.agent_with("tester", rights)
    found = {verb.name: await attempt(scene, verb, agent) for verb in VERBS}
    opens = {} if not rights else {"create": ALLOWED if "create" in rights else FORBIDDEN}
    assert found == {verb.name: HIDDEN for verb in VERBS} | opens


async def test_what_a_customer_user_may_do_with_their_ticket(scene: Scene) -> None:
    for person in (scene.desk.carla, scene.desk.colleague):
        found = {verb.name: await attempt(scene, verb, person) for verb in VERBS}
        assert found == {verb.name: verb.by_customer for verb in VERBS}


async def test_a_foreign_customer_user_knows_nothing_of_the_ticket(scene: Scene) -> None:
    found = {verb.name: await attempt(scene, verb, scene.desk.stranger) for verb in VERBS}
    assert found == {verb.name: ALLOWED if verb.field == "ticketCreate" else HIDDEN for verb in VERBS}


async def test_settings_narrow_what_customer_users_may_do(scene: Scene) -> None:
    desk = scene.desk
    await desk.house.run(lambda unit: settings.change_setting(unit, CUSTOMER_MAY_CLOSE, value=False))
    close = next(verb for verb in VERBS if verb.name == "close")
    assert await attempt(scene, close, desk.carla) == FORBIDDEN
    await desk.house.run(lambda unit: settings.change_setting(unit, SHARE_CUSTOMER_TICKETS, value=False))
    colleague = await fresh_actor(desk.colleague.kind, desk.colleague.id or 0)
    assert await attempt(scene, close, colleague) == HIDDEN


@pytest.mark.parametrize("right", RIGHTS)
async def test_advice_is_what_the_verbs_do(scene: Scene, right: str) -> None:
    """`viewerCan` promises exactly what the verbs then keep."""
    agent = await scene.desk.agent_with("tester", {"ro", right})
    by_name = {verb.name: verb for verb in VERBS}
    verbs = {
        "update": "retitle",
        "move": "move",
        "assign": "assign",
        "lock": "lock",
        "close": "close",
        "reply": "reply",
        "note": "note",
        "priority": "prioritise",
        "merge": "merge",
    }
    await scene.prepare()
    document = f"query ($id: ID!) {{ ticket(id: $id) {{ viewerCan {{ {' '.join(verbs)} }} }} }}"
    advice = (await scene.desk.house.ask(document, {"id": scene.ids["ticket"]}, actor=agent))["ticket"]["viewerCan"]
    done = {name: await attempt(scene, by_name[verb], agent) == ALLOWED for name, verb in verbs.items()}
    assert advice == done


async def test_a_ticket_comes_into_a_queue_by_the_right_to_move_into_it(scene: Scene) -> None:
    """Moving needs `rw` where the ticket lies and `move_into` where it goes."""
    scene.ids["elsewhere"] = gid(scene.desk.other_queue)
    move = Verb("move away", "ticketMove", one(queueId="elsewhere"))
    movers = {
        right: await scene.desk.agent_with(f"mover-{right}", ("rw",), elsewhere=right and (right,))
        for right in ("", *RIGHTS)
    }
    found = {right: await attempt(scene, move, mover) for right, mover in movers.items()}
    assert found == {
        right: HIDDEN if not right else ALLOWED if right in {"move_into", "rw"} else FORBIDDEN for right in movers
    }


async def test_splitting_needs_note_here_and_create_there(scene: Scene) -> None:
    split = next(verb for verb in VERBS if verb.name == "split")
    both = await scene.desk.agent_with("both", ("ro", "note", "create"))
    assert await attempt(scene, split, both) == ALLOWED


async def test_a_remark_beside_a_verb_needs_the_right_to_note(scene: Scene) -> None:
    assign = Verb("assign with a note", "ticketAssign", one(ownerId="anna", note="Yours"))
    owner = await scene.desk.agent_with("owner", ("ro", "owner"))
    assert await attempt(scene, assign, owner) == FORBIDDEN
    noting = await scene.desk.agent_with("noting", ("ro", "owner", "note"))
    assert await attempt(scene, assign, noting) == ALLOWED


async def test_many_at_once_are_judged_one_by_one(scene: Scene) -> None:
    desk = scene.desk
    await scene.prepare()
    elsewhere = await desk.ticket(queue=desk.other_queue)
    arguments = {"ids": [scene.ids["ticket"], gid(elsewhere)], "input": {"title": "Else"}}
    document = mutation("ticketBulkUpdate", arguments, "items { userErrors { code } }")
    for agent, codes in (
        (desk.anna, [None, HIDDEN]),
        (await desk.agent_with("reader", ("ro",)), [FORBIDDEN, HIDDEN]),
        (desk.eve, [HIDDEN, HIDDEN]),
        (desk.carla, [FORBIDDEN, FORBIDDEN]),
        (desk.stranger, [HIDDEN, HIDDEN]),
    ):
        answer = (await desk.house.ask(document, arguments, actor=agent))["ticketBulkUpdate"]
        found = [next((error["code"] for error in item["userErrors"]), None) for item in answer["items"]]
        assert found == codes, agent.name
