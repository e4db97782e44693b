"""What an administrator configures: made, changed, switched off; and refused to everybody else."""

from typing import Any

import pytest

from tessera_client import (
    AgentCreateInput,
    AgentUpdateInput,
    ArticleInput,
    AutoResponseCreateInput,
    AutoResponseKind,
    AutoResponseUpdateInput,
    CustomerCreateInput,
    CustomerUpdateInput,
    CustomerUserCreateInput,
    CustomerUserUpdateInput,
    GroupCreateInput,
    GroupUpdateInput,
    MailAccountCreateInput,
    MailAccountUpdateInput,
    MailFilterCreateInput,
    MailFilterMatchInput,
    MailFilterSettingInput,
    MailFilterUpdateInput,
    MailProtocol,
    MailSecurity,
    QueueCreateInput,
    QueueRight,
    QueueUpdateInput,
    RoleCreateInput,
    RoleUpdateInput,
    SalutationCreateInput,
    SalutationUpdateInput,
    SignatureCreateInput,
    SignatureUpdateInput,
    SystemAddressCreateInput,
    SystemAddressUpdateInput,
    TemplateCreateInput,
    TemplateKind,
    TemplateUpdateInput,
    TicketPriorityCreateInput,
    TicketPriorityUpdateInput,
    TicketStateCreateInput,
    TicketStateType,
    TicketStateUpdateInput,
    TicketTypeCreateInput,
    TicketTypeUpdateInput,
    UserErrorCode,
)
from tessera_client.errors import GraphQLFailed
from tests.journeys.desk import Desk, journey, only, ticket_of

pytestmark = journey
MAY_SHARE_A_NAME = {"agent", "customer_user", "mail_filter"}

Step = tuple[str, Any, Any]
"""The stem of the mutations' and the payload field's names, what is made, and what is changed of it."""


def _about_queues(group_id: str, queue_id: str) -> list[Step]:
    queue = QueueCreateInput(name="made", group_id=group_id, parent_id=queue_id)
    address = SystemAddressCreateInput(address="made@desk.example", queue_id=queue_id)
    response = AutoResponseCreateInput(name="made", kind=AutoResponseKind.REPLY, subject="Got it", text="Thank you")
    template = TemplateCreateInput(name="made", kind=TemplateKind.ANSWER, body="<p>Hello</p>")
    return [
        ("queue", queue, QueueUpdateInput(name="changed")),
        ("system_address", address, SystemAddressUpdateInput(display_name="changed")),
        ("salutation", SalutationCreateInput(name="made", text="Hello"), SalutationUpdateInput(name="changed")),
        ("signature", SignatureCreateInput(name="made", text="Bye"), SignatureUpdateInput(name="changed")),
        ("auto_response", response, AutoResponseUpdateInput(name="changed")),
        ("template", template, TemplateUpdateInput(name="changed")),
    ]


def _about_tickets() -> list[Step]:
    state = TicketStateCreateInput(name="made", type_=TicketStateType.OPEN)
    return [
        ("ticket_state", state, TicketStateUpdateInput(name="changed")),
        ("ticket_priority", TicketPriorityCreateInput(name="made", rank=9), TicketPriorityUpdateInput(name="changed")),
        ("ticket_type", TicketTypeCreateInput(name="made"), TicketTypeUpdateInput(name="changed")),
    ]


def _about_people() -> list[Step]:
    customer_user = CustomerUserCreateInput(login="made", name="made", email="made@customer.example")
    agent = AgentCreateInput(login="made", name="made", email="made@desk.example")
    return [
        ("group", GroupCreateInput(name="made"), GroupUpdateInput(name="changed")),
        ("role", RoleCreateInput(name="made"), RoleUpdateInput(name="changed")),
        ("customer", CustomerCreateInput(number="MADE", name="made"), CustomerUpdateInput(name="changed")),
        ("customer_user", customer_user, CustomerUserUpdateInput(name="changed")),
        ("agent", agent, AgentUpdateInput(name="changed")),
    ]


def _about_mail() -> list[Step]:
    account = MailAccountCreateInput(
        name="made",
        protocol=MailProtocol.IMAP,
        host="127.0.0.1",
        port=9,
        security=MailSecurity.NONE,
        login="desk",
        password="hunter2",
    )
    rule = MailFilterCreateInput(
        name="made",
        matches=[MailFilterMatchInput(header="Subject", pattern="spam")],
        sets=[MailFilterSettingInput(name="queue", value="Junk")],
    )
    return [
        ("mail_account", account, MailAccountUpdateInput(name="changed")),
        ("mail_filter", rule, MailFilterUpdateInput(name="changed")),
    ]


async def test_everything_is_made_changed_and_switched_off_by_who_may(desk: Desk) -> None:
    anna, ben = await desk.agent("anna"), await desk.agent("ben")
    group_id = (await anna.groups())[0].id
    about_queues = _about_queues(group_id, desk.queues["Support"])
    for stem, new, change in [*_about_people(), *about_queues, *_about_tickets(), *_about_mail()]:
        await _live(anna, ben, stem, new, change)


async def _live(anna: Any, ben: Any, stem: str, new: Any, change: Any) -> None:
    """Make, change, switch off and on again; ben, who may not, is refused each time."""
    create, update = f"{stem}_create", f"{stem}_update"
    assert await _code(ben, create, new) is UserErrorCode.FORBIDDEN, stem
    row = await _row(anna, stem, create, new)
    assert row.active
    assert await _code(ben, update, row.id, change) is UserErrorCode.FORBIDDEN, stem

    changed = await _row(anna, stem, update, row.id, change, row.version)
    assert "changed" in changed.model_dump_json()
    stale = await getattr(anna, update)(row.id, change, row.version)
    assert only(stale.user_errors).code is UserErrorCode.CONFLICT, stem
    assert getattr(stale, stem).version == changed.version == row.version + 1

    for active in (False, True):
        switched = await _row(anna, stem, update, row.id, type(change)(active=active))
        assert switched.active is active
    if stem not in MAY_SHARE_A_NAME:
        again = new.model_copy(update={} if stem == "system_address" else {"name": "changed"})
        assert await _code(anna, create, again) is UserErrorCode.TAKEN, stem


async def _row(client: Any, stem: str, method: str, *arguments: Any) -> Any:
    """Return the row of a call that meets no refusal."""
    payload = await getattr(client, method)(*arguments)
    assert payload.user_errors == [], (method, payload.user_errors)
    return getattr(payload, stem)


async def _code(client: Any, method: str, *arguments: Any) -> UserErrorCode:
    """Return the code of the refusal that a call must meet."""
    return only((await getattr(client, method)(*arguments)).user_errors).code


async def test_rights_given_by_the_api_work_at_once(desk: Desk) -> None:
    anna, nora, ben = await desk.agent("anna"), await desk.agent("nora"), await desk.agent("ben")
    ticket = await desk.open(ben)
    assert await nora.ticket(ticket.id) is None
    first_level = next(group for group in await anna.groups() if group.name == "first level")
    nora_id = next(agent.id for agent in (await anna.agents(query="nora")).nodes)
    given = await anna.group_grant_set(nora_id, first_level.id, [QueueRight.RO, QueueRight.NOTE])
    assert given.user_errors == []
    seen = await nora.ticket(ticket.id)
    assert seen is not None
    assert (seen.viewer_can.note, seen.viewer_can.update) == (True, False)
    refused = await ben.group_grant_set(nora_id, first_level.id, [QueueRight.RW])
    assert only(refused.user_errors).code is UserErrorCode.FORBIDDEN
    assert (await anna.group_grant_set(nora_id, first_level.id, [])).user_errors == []
    assert await nora.ticket(ticket.id) is None


async def test_settings_are_the_administrators(desk: Desk) -> None:
    anna, ben = await desk.agent("anna"), await desk.agent("ben")
    assert only((await ben.setting_set("tickets.lock_on_reply", value=False)).user_errors).code is (
        UserErrorCode.FORBIDDEN
    )
    with pytest.raises(GraphQLFailed) as refused:
        await ben.settings()
    assert refused.value.codes == ("FORBIDDEN",)
    assert (await anna.setting_set("tickets.lock_on_reply", value=False)).user_errors == []
    (setting,) = await anna.settings("tickets.lock_on_reply")
    assert (setting.value, setting.default, setting.changed) == (False, True, True)
    ticket = await desk.open(await desk.customer("carla"))
    from_web = await ben.article_create(ticket.id, ArticleInput(channel="web", body="Hello"))
    assert ticket_of(from_web).lock is None
    assert only((await anna.setting_set("tickets.lock_on_reply", value="maybe")).user_errors).code is (
        UserErrorCode.INVALID
    )
