from typing import Any

import pytest

from tessera.kit.actor import Actor, ActorKind
from tessera.kit.errors import Forbidden, Invalid, LimitExceeded, Problem, Required, StaleVersion
from tessera.kit.journal import Entry
from tessera.kit.secrets import Unreadable, unseal
from tessera.mail import queries, service
from tessera.mail._fetching import access_of
from tessera.mail._mailbox import MailboxError
from tessera.mail.errors import NameTaken, PatternInvalid, UnknownOrder
from tessera.mail.models import MailAccount, MailFilter
from tessera.testing.fixtures import every_database
from tests.mail.office import Office

ACCOUNT: dict[str, Any] = {
    "name": "Main",
    "protocol": "imap",
    "host": "imap.example",
    "port": 993,
    "security": "tls",
    "login": "desk",
    "password": "hunter2 ü",
}
RULE: dict[str, Any] = {"name": "Junk", "matches": {"Subject": "viagra"}, "sets": {"Queue": "Junk"}}
NOBODY = Actor(kind=ActorKind.AGENT, id=1, name="Nobody")


@every_database
async def test_a_password_goes_in_and_never_comes_out(office: Office) -> None:
    row = await office.house.run(lambda unit: service.create_account(unit, **ACCOUNT, queue=office.sales, trusted=True))
    stored = await MailAccount.get(id=row.id)
    assert (stored.queue_id, stored.trusted, stored.active, stored.folder) == (office.sales.id, True, True, "INBOX")
    assert "hunter2" not in stored.sealed_password
    assert access_of(stored).password == "hunter2 ü"
    with pytest.raises(Unreadable):
        unseal(b"another key", stored.sealed_password)
    stored.sealed_password = "nonsense"
    with pytest.raises(MailboxError, match="enter it again"):
        access_of(stored)
    assert not [entry for entry in await Entry.all() if "hunter2" in entry.data]
    [entry] = await Entry.filter(name="mail_configuration.changed")
    assert "password" in str(entry.facts["columns"])


async def test_an_account_is_changed(office: Office) -> None:
    row = await office.house.run(lambda unit: service.create_account(unit, **ACCOUNT))
    await service.note_account(row, "does not answer")
    row = await MailAccount.get(id=row.id)
    assert (row.problem, row.version) == ("does not answer", 1)
    await office.house.run(
        lambda unit: service.update_account(unit, row, active=False, name="main", expected_version=1)
    )
    row = await MailAccount.get(id=row.id)
    assert (row.name, row.active, row.problem, row.checked_at, row.version) == ("main", False, None, None, 2)
    assert access_of(row).password == "hunter2 ü"
    with pytest.raises(StaleVersion):
        await office.house.run(lambda unit: service.update_account(unit, row, port=1, expected_version=1))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"name": " "}, Required),
        ({"name": "x" * 201}, LimitExceeded),
        ({"name": "a\x00b"}, Invalid),
        ({"protocol": "uucp"}, Invalid),
        ({"security": "rot13"}, Invalid),
        ({"port": 0}, Invalid),
        ({"port": 70_000}, Invalid),
        ({"host": ""}, Required),
        ({"password": ""}, Required),
        ({"password": "x" * 1001}, LimitExceeded),
    ],
)
async def test_unfit_accounts_are_refused(office: Office, change: dict[str, Any], problem: type[Problem]) -> None:
    with pytest.raises(problem) as caught:
        await office.house.run(lambda unit: service.create_account(unit, **ACCOUNT | change))
    assert caught.value.field == ("input", next(iter(change)))
    assert await MailAccount.all().count() == 0


@every_database
async def test_names_are_unique_regardless_of_case(office: Office) -> None:
    run = office.house.run
    await run(lambda unit: service.create_account(unit, **ACCOUNT))
    with pytest.raises(NameTaken):
        await run(lambda unit: service.create_account(unit, **ACCOUNT | {"name": "MAIN"}))
    await run(lambda unit: service.create_filter(unit, **RULE))
    other = await run(lambda unit: service.create_filter(unit, **RULE | {"name": "Other"}))
    with pytest.raises(NameTaken):
        await run(lambda unit: service.update_filter(unit, other, name="JÜNK".replace("Ü", "U")))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"matches": {}}, Required),
        ({"matches": {"Sub ject": "x"}}, Invalid),
        ({"matches": {"Subject": ""}}, Required),
        ({"matches": {"Subject": "("}}, PatternInvalid),
        ({"matches": {"Subject": "[" * 900}}, PatternInvalid),
        ({"matches": {"Subject": "x" * 1001}}, LimitExceeded),
        ({"matches": {f"X-{number}": "x" for number in range(21)}}, LimitExceeded),
        ({"sets": {}}, Required),
        ({"sets": {"Nonsense": "x"}}, UnknownOrder),
        ({"sets": {"Queue": "a\nb"}}, Invalid),
        ({"position": 2**40}, Invalid),
    ],
)
async def test_unfit_filters_are_refused(office: Office, change: dict[str, Any], problem: type[Problem]) -> None:
    with pytest.raises(problem) as caught:
        await office.house.run(lambda unit: service.create_filter(unit, **RULE | change))
    assert caught.value.field == ("input", next(iter(change)))
    assert await MailFilter.all().count() == 0


async def test_filters_may_set_what_follow_ups_get(office: Office) -> None:
    rule = RULE | {"sets": {"FollowUp-State": "open", "followup-state-keep": "1", "Title": "x"}}
    assert (await office.house.run(lambda unit: service.create_filter(unit, **rule))).id


async def test_only_those_who_may_manage_mail_do_and_see(office: Office) -> None:
    run = office.house.run
    account = await run(lambda unit: service.create_account(unit, **ACCOUNT))
    rule = await run(lambda unit: service.create_filter(unit, **RULE))
    for attempt in (
        lambda unit: service.create_account(unit, **ACCOUNT | {"name": "x"}),
        lambda unit: service.update_account(unit, account, active=False),
        lambda unit: service.create_filter(unit, **RULE | {"name": "x"}),
        lambda unit: service.update_filter(unit, rule, active=False),
    ):
        with pytest.raises(Forbidden):
            await run(attempt, actor=NOBODY)
    for visible in (queries.visible_accounts, queries.visible_filters, queries.visible_messages):
        assert await visible(NOBODY).count() == 0
