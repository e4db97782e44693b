import asyncio
import time
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from tessera.access import queries as access
from tessera.accounts import queries, service
from tessera.accounts.errors import (
    ExpiryPassed,
    ScopeExceeded,
    SessionOver,
    TooManyAttempts,
    TooManyTokens,
    UnknownScope,
    WrongCredentials,
)
from tessera.accounts.models import AccessToken, Session, SignInAttempt
from tessera.accounts.settings import ACCESS_TOKEN_MINUTES, SESSION_DAYS, SIGN_IN_ATTEMPTS
from tessera.kit.actor import ActorKind
from tessera.kit.clock import now, set_forward
from tessera.kit.errors import Forbidden, Problem
from tessera.kit.journal import Entry
from tessera.settings import service as settings
from tessera.testing.fixtures import every_database
from tessera.testing.house import House
from tests.accounts import people

AGENT = ActorKind.AGENT


async def sign_in(house: House, login: str = "ben", password: str = people.PASSWORD, **values: str) -> service.Tokens:
    return await service.sign_in(house.runtime.units, kind=AGENT, login=login, password=password, **values)


async def refresh(house: House, token: str) -> service.Tokens:
    return await service.refresh(house.runtime.units, refresh_token=token)


@every_database
async def test_a_session_proves_who_somebody_is_until_it_ends(house: House) -> None:
    row = await people.agent(house, "Ben", password=people.PASSWORD)
    tokens = await sign_in(house, " bEN ", peer="192.0.2.1")
    assert (await people.facts("agent", row.id))[-1] == (
        "account.signed_in",
        {"session_id": tokens.session.id, "peer": "192.0.2.1"},
    )
    proof = await queries.by_access_token(tokens.access_token)
    assert proof is not None
    assert (proof.kind, proof.id, proof.scopes) == (AGENT, row.id, None)
    assert timedelta(minutes=14) < tokens.expires_at - now() <= timedelta(minutes=15)
    assert proof.expires_at == tokens.expires_at
    for wrong in (tokens.refresh_token, tokens.access_token + "x", "", "\ud800", "ts_session_"):
        assert await queries.by_access_token(wrong) is None
    with set_forward(timedelta(minutes=15)):
        assert await queries.by_access_token(tokens.access_token) is None


async def test_no_table_and_no_journal_holds_a_token_or_password(house: House) -> None:
    await people.agent(house, "ben", password=people.PASSWORD)
    tokens = await refresh(house, (await sign_in(house)).refresh_token)
    stored = [str(value) for row in await Session.all().values() for value in row.values()]
    told = await people.everything_told()
    for secret in (tokens.access_token, tokens.refresh_token, people.PASSWORD):
        assert secret not in stored
        assert secret not in told


async def test_agents_and_customer_users_are_two_worlds(house: House) -> None:
    await people.agent(house, "carla", password=people.PASSWORD)
    row = await people.customer_user(house, "carla", password="something else")
    with pytest.raises(WrongCredentials):
        await sign_in(house, "carla", "something else")
    tokens = await service.sign_in(
        house.runtime.units, kind=ActorKind.CUSTOMER_USER, login="carla", password="something else"
    )
    proof = await queries.by_access_token(tokens.access_token)
    assert proof is not None
    assert (proof.kind, proof.id) == (ActorKind.CUSTOMER_USER, row.id)


async def test_unknown_inactive_without_password_and_wrong_all_get_one_answer(house: House) -> None:
    await people.agent(house, "ben", password=people.PASSWORD)
    await people.agent(house, "nopassword")
    off = await people.agent(house, "off", password=people.PASSWORD)
    await house.run(lambda unit: service.update_agent(unit, off, active=False))
    cases = (
        ("nobody", "whatever"),
        ("ben", "wrong"),
        ("nopassword", ""),
        ("off", people.PASSWORD),
        ("ben\x00", people.PASSWORD),
        ("ben", "x" * 100_000),
        ("\ud800", "\ud800"),
    )
    answers = set()
    for login, password in cases:
        with pytest.raises(WrongCredentials) as caught:
            await sign_in(house, login, password)
        answers.add((caught.value.message, caught.value.code, caught.value.reason, caught.value.field))
    assert answers == {("Login or password is wrong.", "INVALID", "accounts.wrong_credentials", None)}
    assert await Session.all().count() == 0
    assert await Entry.filter(name="account.sign_in_failed").count() == len(cases)


async def test_an_unknown_login_takes_as_long_as_a_known_one(house: House) -> None:
    await people.agent(house, "ben", password=people.PASSWORD)
    await house.run(lambda unit: settings.change_setting(unit, SIGN_IN_ATTEMPTS, 1000))

    async def seconds(login: str) -> float:
        begin = time.perf_counter()
        with pytest.raises(WrongCredentials):
            await sign_in(house, login, "wrong")
        return time.perf_counter() - begin

    pairs = [(await seconds("ben"), await seconds(f"nobody{i}")) for i in range(12)]
    known, unknown = (sorted(column)[len(column) // 2] for column in zip(*pairs, strict=True))
    assert 0.5 < known / unknown < 2


@every_database
async def test_after_ten_failures_a_login_must_wait_even_with_the_right_password(house: House) -> None:
    await people.agent(house, "ben", password=people.PASSWORD)
    for _ in range(10):
        with pytest.raises(WrongCredentials):
            await sign_in(house, "Ben", "wrong")
    with pytest.raises(TooManyAttempts) as caught:
        await sign_in(house)
    assert (caught.value.code, caught.value.reason) == ("LIMIT", "accounts.too_many_attempts")
    assert caught.value.message == "Too many failed attempts. Try again in 15 minutes."
    with pytest.raises(WrongCredentials):
        await sign_in(house, "anna")
    with set_forward(timedelta(minutes=15, seconds=1)):
        await sign_in(house)


async def test_an_unknown_login_is_limited_like_a_known_one(house: House) -> None:
    for _ in range(10):
        with pytest.raises(WrongCredentials):
            await sign_in(house, "nobody", "wrong")
    with pytest.raises(TooManyAttempts):
        await sign_in(house, "nobody", "wrong")


async def test_an_address_that_tries_many_logins_must_wait_and_others_need_not(house: House) -> None:
    await people.agent(house, "ben", password=people.PASSWORD)
    for number in range(10):
        with pytest.raises(WrongCredentials):
            await sign_in(house, f"login{number}", "wrong", peer="192.0.2.9")
    with pytest.raises(TooManyAttempts):
        await sign_in(house, peer="192.0.2.9")
    await sign_in(house, peer="192.0.2.10")
    with pytest.raises(TooManyAttempts):
        await sign_in(house, peer="192.0.2.9")


async def test_many_attempts_at_once_are_many(house: House) -> None:
    await people.agent(house, "ben", password=people.PASSWORD)
    outcomes = await asyncio.gather(*(sign_in(house, password="wrong") for _ in range(30)), return_exceptions=True)
    tried = sum(isinstance(outcome, WrongCredentials) for outcome in outcomes)
    assert tried <= 10
    assert tried + sum(isinstance(outcome, TooManyAttempts) for outcome in outcomes) == 30


async def test_a_success_forgives_the_failures_of_its_login(house: House) -> None:
    await people.agent(house, "ben", password=people.PASSWORD)
    for _ in range(3):
        for _ in range(9):
            with pytest.raises(WrongCredentials):
                await sign_in(house, password="wrong")
        await sign_in(house)
    assert await SignInAttempt.all().count() == 0


@every_database
async def test_refresh_tokens_rotate_and_an_old_one_ends_the_session(house: House) -> None:
    await people.agent(house, "ben", password=people.PASSWORD)
    first = await sign_in(house)
    second = await refresh(house, first.refresh_token)
    third = await refresh(house, second.refresh_token)
    assert await queries.by_access_token(first.access_token) is None
    assert await queries.by_access_token(third.access_token) is not None
    with pytest.raises(SessionOver):
        await refresh(house, first.refresh_token)
    assert await queries.by_access_token(third.access_token) is None
    with pytest.raises(SessionOver):
        await refresh(house, third.refresh_token)
    assert (await people.facts("session", first.session.id))[-1] == ("session.ended", {"reason": "reused"})


async def test_of_two_refreshes_at_once_one_ends_the_session(house: House) -> None:
    await people.agent(house, "ben", password=people.PASSWORD)
    tokens = await sign_in(house)
    outcomes = await asyncio.gather(*(refresh(house, tokens.refresh_token) for _ in range(2)), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["SessionOver", "Tokens"]
    session = await Session.get(id=tokens.session.id)
    assert session.revoked_at is not None


async def test_a_session_that_nobody_refreshes_ends(house: House) -> None:
    await people.agent(house, "ben", password=people.PASSWORD)
    await house.run(lambda unit: settings.change_setting(unit, SESSION_DAYS, 2))
    await house.run(lambda unit: settings.change_setting(unit, ACCESS_TOKEN_MINUTES, 5))
    tokens = await sign_in(house)
    with set_forward(timedelta(days=1)):
        tokens = await refresh(house, tokens.refresh_token)
        assert tokens.expires_at - now() <= timedelta(minutes=5)
    with set_forward(timedelta(days=2, hours=23)):
        tokens = await refresh(house, tokens.refresh_token)
    with set_forward(timedelta(days=5)), pytest.raises(SessionOver):
        await refresh(house, tokens.refresh_token)


@pytest.mark.parametrize("token", ["", ".", "ts_refresh_x", "ts_refresh_x.y", "\ud800.\ud800", "\x00.\x00"])
async def test_what_was_never_a_refresh_token_is_refused(house: House, token: str) -> None:
    with pytest.raises(SessionOver):
        await refresh(house, token)


async def test_nobody_refreshes_for_an_account_that_is_switched_off(house: House) -> None:
    row = await people.agent(house, "ben", password=people.PASSWORD)
    tokens = await sign_in(house)
    await type(row).filter(id=row.id).update(active=False)
    with pytest.raises(SessionOver):
        await refresh(house, tokens.refresh_token)


async def test_signing_out_ends_a_session_once(house: House) -> None:
    row = await people.agent(house, "ben", password=people.PASSWORD)
    tokens, ben = await sign_in(house), await people.actor(row)
    for _ in range(2):
        await house.run(lambda unit: service.sign_out(unit, tokens.session), actor=ben)
    assert await queries.by_access_token(tokens.access_token) is None
    assert await people.facts("session", tokens.session.id) == [("session.ended", {"reason": "signed_out"})]


async def test_what_ended_is_forgotten_after_a_week(house: House) -> None:
    await people.agent(house, "ben", password=people.PASSWORD)
    await people.agent(house, "anna", password=people.PASSWORD)
    ended, living = await sign_in(house), await sign_in(house, "anna")
    await house.run(lambda unit: service.sign_out(unit, ended.session))
    with pytest.raises(WrongCredentials):
        await sign_in(house, password="wrong")
    await house.run(service.forget_ended)
    assert (await Session.all().count(), await SignInAttempt.all().count()) == (2, 1)
    with set_forward(timedelta(days=8)):
        await house.run(lambda unit: unit.enqueue("accounts.forget_ended"))
        await house.drain()
    assert await Session.all().values_list("id", flat=True) == [living.session.id]
    assert await SignInAttempt.all().count() == 0


@every_database
async def test_a_token_acts_for_its_owner_within_its_scopes(house: House) -> None:
    row = await people.agent(house, "ben", permissions=["accounts.manage", "access.manage"])
    ben, expires = await people.actor(row), now() + timedelta(days=1)
    token, secret = await house.run(
        lambda unit: service.issue_token(unit, name=" script ", scopes=["accounts.manage"], expires_at=expires),
        actor=ben,
    )
    proof = await queries.by_access_token(secret)
    assert proof is not None
    assert (proof.id, proof.scopes, proof.expires_at) == (row.id, frozenset({"accounts.manage"}), expires)
    limited = await access.actor_for(proof.kind, proof.id, proof.scopes)
    assert limited is not None
    assert limited.can("accounts.manage")
    assert not limited.can("access.manage")
    assert (await people.facts("api_token", token.id))[0][1]["scopes"] == ["accounts.manage"]
    assert secret not in await people.everything_told()
    with set_forward(timedelta(days=1)):
        assert await queries.by_access_token(secret) is None
    await house.run(lambda unit: service.revoke_token(unit, token), actor=ben)
    assert await queries.by_access_token(secret) is None


async def test_a_limited_token_makes_no_wider_one(house: House) -> None:
    row = await people.agent(house, "ben", permissions=["accounts.manage", "access.manage"])
    limited = await people.actor(row, scopes=["accounts.manage"])
    for scopes in ([], ["access.manage"], ["accounts.manage", "access.manage"]):
        with pytest.raises(ScopeExceeded):
            await house.run(partial(service.issue_token, name="x", scopes=scopes), actor=limited)
    await house.run(lambda unit: service.issue_token(unit, name="x", scopes=["accounts.manage"]), actor=limited)


async def test_tokens_that_make_no_sense_are_refused(house: House) -> None:
    ben = await people.actor(await people.agent(house, "ben"))
    cases: tuple[tuple[dict[str, Any], type[Problem]], ...] = (
        ({"scopes": ["no.such"]}, UnknownScope),
        ({"expires_at": now()}, ExpiryPassed),
        ({"name": ""}, Problem),
    )
    for values, problem in cases:
        with pytest.raises(problem):
            await house.run(partial(service.issue_token, **{"name": "x", **values}), actor=ben)
    with pytest.raises(Forbidden):
        await house.run(lambda unit: service.issue_token(unit, name="x"))
    assert await AccessToken.all().count() == 0


async def test_nobody_has_more_tokens_than_they_can_oversee(house: House) -> None:
    ben = await people.actor(await people.agent(house, "ben"))
    await AccessToken.bulk_create(
        [AccessToken(actor_kind="agent", actor_id=ben.id, name="x", digest=f"{n:064}") for n in range(100)]
    )
    with pytest.raises(TooManyTokens):
        await house.run(lambda unit: service.issue_token(unit, name="x"), actor=ben)


async def test_nobody_revokes_the_token_of_another(house: House) -> None:
    ben = await people.actor(await people.agent(house, "ben"))
    root = await people.administrator(house)
    token, secret = await house.run(lambda unit: service.issue_token(unit, name="x"), actor=ben)
    with pytest.raises(Forbidden):
        await house.run(lambda unit: service.revoke_token(unit, token), actor=root)
    assert await queries.by_access_token(secret) is not None


async def test_the_use_of_a_token_is_noted_once_a_minute(house: House) -> None:
    ben = await people.actor(await people.agent(house, "ben"))
    token, _ = await house.run(lambda unit: service.issue_token(unit, name="x"), actor=ben)
    assert service.is_use_due(token)
    await house.run(lambda unit: service.note_use(unit, token), actor=ben)
    token = await AccessToken.get(id=token.id)
    assert not service.is_use_due(token)
    with set_forward(timedelta(seconds=61)):
        assert service.is_use_due(token)
