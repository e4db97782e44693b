"""Sessions and tokens: rotation, reuse, revocation, scopes, expiry, and attempts that run out."""

import asyncio
from datetime import timedelta

import pytest

from tessera.kit.clock import now, set_forward
from tessera.testing.house import PASSWORD
from tessera_client import QueueUpdateInput, TesseraClient, UserErrorCode
from tessera_client.errors import GraphQLFailed, StreamLost
from tests.journeys.desk import Desk, journey, listening, only

pytestmark = journey


async def _is_known(client: TesseraClient) -> bool:
    try:
        return await client.viewer() is not None
    except GraphQLFailed as failure:
        if failure.codes != ("UNAUTHENTICATED",):
            raise
        return False


async def test_a_refresh_token_works_once_and_its_copy_ends_the_session(desk: Desk) -> None:
    client = await desk.client()
    first = await client.session_create("ben", PASSWORD)
    assert first.refresh_token is not None
    second = await client.session_refresh(first.refresh_token)
    assert second.user_errors == []
    assert second.refresh_token not in {None, first.refresh_token}
    client.token = second.access_token
    assert await _is_known(client)
    client.token = first.access_token
    assert not await _is_known(client)

    client.token = None
    reused = await client.session_refresh(first.refresh_token)
    assert only(reused.user_errors).reason == "accounts.session_over"
    client.token = second.access_token
    assert not await _is_known(client), "the thief's session goes on"
    assert second.refresh_token is not None
    client.token = None
    assert only((await client.session_refresh(second.refresh_token)).user_errors).reason == "accounts.session_over"


async def test_an_access_token_expires_and_is_refreshed(desk: Desk) -> None:
    client = await desk.client()
    session = await client.session_create("ben", PASSWORD)
    client.token = session.access_token
    with set_forward(timedelta(minutes=16)):
        assert not await _is_known(client)
        assert session.refresh_token is not None
        client.token = None
        client.token = (await client.session_refresh(session.refresh_token)).access_token
        assert await _is_known(client)
        with set_forward(timedelta(days=31)):
            client.token = None
            over = await client.session_refresh(session.refresh_token)
            assert only(over.user_errors).reason == "accounts.session_over"


async def test_a_revoked_session_and_its_streams_end(desk: Desk) -> None:
    ben, cleo = await desk.agent("ben"), await desk.agent("cleo")
    stream = ben.ticket_changes()
    async with listening(stream):
        await anext(stream)
        assert (await ben.session_revoke()).user_errors == []
        assert not await _is_known(ben)
        waiting = asyncio.ensure_future(anext(stream))
        await desk.open(cleo, "After the end")
        with pytest.raises((GraphQLFailed, StreamLost)):
            await asyncio.wait_for(waiting, 60)


async def test_a_token_can_do_what_its_scopes_say_and_no_more(desk: Desk) -> None:
    anna = await desk.agent("anna")
    made = await anna.api_token_create("robot", ["queues.manage"])
    assert made.user_errors == []
    assert made.api_token is not None
    robot = await desk.client(made.secret)
    queue = desk.queues["Support"]
    assert (await robot.queue_update(queue, QueueUpdateInput(unlock_timeout_minutes=5))).user_errors == []
    assert only((await robot.setting_set("tickets.lock_on_reply", value=False)).user_errors).code is (
        UserErrorCode.FORBIDDEN
    )
    wider = await robot.api_token_create("wider", ["settings.manage"])
    assert only(wider.user_errors).reason == "accounts.scope_exceeded"
    listed = await anna.api_tokens()
    assert [token.name for token in listed] == ["robot"]
    assert str(made.secret) not in str(listed)
    assert (await anna.api_token_revoke(made.api_token.id)).user_errors == []
    assert not await _is_known(robot)


async def test_an_expired_token_closes_its_sockets(desk: Desk) -> None:
    ben = await desk.agent("ben")
    made = await ben.api_token_create("short", [], now() + timedelta(seconds=3))
    robot = await desk.client(made.secret)
    stream = robot.ticket_changes()
    await anext(stream)
    with pytest.raises(StreamLost) as lost:
        await asyncio.wait_for(anext(stream), 60)
    assert lost.value.code == 4403
    assert not await _is_known(robot)
    with pytest.raises((StreamLost, GraphQLFailed)):
        await anext(robot.ticket_changes())


async def test_guessing_passwords_ends_after_ten_attempts(desk: Desk) -> None:
    client = await desk.client()
    for _ in range(10):
        wrong = await client.session_create("cleo", "not the password")
        assert only(wrong.user_errors).reason == "accounts.wrong_credentials"
    for password in ("not the password", PASSWORD):
        error = only((await client.session_create("cleo", password)).user_errors)
        assert (error.code, error.reason) == (UserErrorCode.LIMIT, "accounts.too_many_attempts")
    with set_forward(timedelta(minutes=16)):
        assert (await client.session_create("cleo", PASSWORD)).user_errors == []
