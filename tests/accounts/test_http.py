from collections.abc import Mapping
from http.cookies import SimpleCookie
from typing import Any

import httpx2

from tessera.accounts import queries, service
from tessera.accounts.models import AccessToken
from tessera.testing.house import House
from tests.accounts import people
from tests.accounts.people import mutation

SESSION = "accessToken refreshToken expiresAt otpRequired"
SIGN_IN = mutation("sessionCreate", SESSION, login="String!", password="String!", asCustomerUser="Boolean")
REFRESH = mutation("sessionRefresh", SESSION, refreshToken="String!")
SIGN_OUT = "mutation { sessionRevoke { id userErrors { code } } }"
VIEWER = "{ viewer { agent { login } customerUser { login } } }"
BEN = {"viewer": {"agent": {"login": "ben"}, "customerUser": None}}
NOBODY = {"viewer": None}
BY_SCRIPT = {"X-Tessera-Request": "1"}


class Client:
    """Somebody far away, with an own jar of cookies."""

    def __init__(self, house: House) -> None:
        self.url = f"{house.url}/graphql"
        self.http = httpx2.AsyncClient()

    async def post(
        self, document: str, variables: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx2.Response:
        content = {"query": document, "variables": variables or {}}
        return await self.http.post(self.url, json=content, headers=headers)

    async def data(
        self, document: str, variables: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        answer = (await self.post(document, variables, headers)).json()
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_client_signs_in_goes_on_and_signs_out(served: House) -> None:
    row = await people.agent(served, "ben", password=people.PASSWORD)
    client = Client(served)
    async with client.http:
        answer = await client.post(SIGN_IN, {"login": "ben", "password": people.PASSWORD})
        tokens = answer.json()["data"]["sessionCreate"]
        assert (tokens["userErrors"], tokens["otpRequired"]) == ([], False)
        assert (await people.facts("agent", row.id))[-1][1]["peer"] == "127.0.0.1"
        client.http.cookies.clear()
        assert await client.data(VIEWER) == NOBODY
        assert await client.data(VIEWER, headers=bearer(tokens["accessToken"])) == BEN
        renewed = (await client.data(REFRESH, {"refreshToken": tokens["refreshToken"]}))["sessionRefresh"]
        client.http.cookies.clear()
        accept = {"Accept": "application/graphql-response+json"}
        stale = await client.post(VIEWER, headers=bearer(tokens["accessToken"]) | accept)
        assert (stale.status_code, stale.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
        assert (await client.data(SIGN_OUT, headers=bearer(renewed["accessToken"])))["sessionRevoke"][
            "userErrors"
        ] == []
        assert (await client.post(VIEWER, headers=bearer(renewed["accessToken"]))).json()["errors"]
        over = (await client.data(REFRESH, {"refreshToken": renewed["refreshToken"]}))["sessionRefresh"]
        assert [(error["code"], error["reason"]) for error in over["userErrors"]] == [
            ("INVALID", "accounts.session_over")
        ]
        assert over["accessToken"] is None


async def test_a_browser_gets_a_cookie_that_no_script_reads(served: House) -> None:
    await people.agent(served, "ben", password=people.PASSWORD)
    client = Client(served)
    async with client.http:
        answer = await client.post(SIGN_IN, {"login": "ben", "password": people.PASSWORD})
        cookie = SimpleCookie(answer.headers["set-cookie"])["tessera_session"]
        assert cookie.value == answer.json()["data"]["sessionCreate"]["accessToken"]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["secure"]) == (True, "Lax", "/", "")
        assert 890 <= int(cookie["max-age"]) <= 900
        assert (await client.post(VIEWER)).status_code == 403
        assert await client.data(VIEWER, headers=BY_SCRIPT) == BEN
        signed_out = await client.post(SIGN_OUT, headers=BY_SCRIPT)
        assert SimpleCookie(signed_out.headers["set-cookie"])["tessera_session"]["max-age"] == "0"
        assert await client.data(VIEWER) == NOBODY


async def test_a_wrong_password_is_a_user_error_and_sets_nothing(served: House) -> None:
    await people.customer_user(served, "carla", password=people.PASSWORD)
    client = Client(served)
    async with client.http:
        for variables in ({"login": "carla", "password": "wrong"}, {"login": "carla", "password": people.PASSWORD}):
            answer = await client.post(SIGN_IN, variables)
            (error,) = answer.json()["data"]["sessionCreate"]["userErrors"]
            assert (error["code"], error["reason"]) == ("INVALID", "accounts.wrong_credentials")
            assert "set-cookie" not in answer.headers
        given = {"login": "carla", "password": people.PASSWORD, "asCustomerUser": True}
        tokens = (await client.data(SIGN_IN, given))["sessionCreate"]
        client.http.cookies.clear()
        seen = await client.data(VIEWER, headers=bearer(tokens["accessToken"]))
        assert seen == {"viewer": {"agent": None, "customerUser": {"login": "carla"}}}


async def test_an_api_token_works_notes_its_use_and_dies_with_its_owner(served: House) -> None:
    row = await people.agent(served, "ben")
    ben = await people.actor(row)
    token, secret = await served.run(lambda unit: service.issue_token(unit, name="script"), actor=ben)
    client = Client(served)
    async with client.http:
        assert await client.data(VIEWER, headers=bearer(secret)) == BEN
        first = (await AccessToken.get(id=token.id)).last_used_at
        assert first is not None
        assert await client.data(VIEWER, headers=bearer(secret)) == BEN
        assert (await AccessToken.get(id=token.id)).last_used_at == first
        await served.run(lambda unit: service.update_agent(unit, row, active=False))
        assert await queries.by_access_token(secret) is None
        answer = await client.post(VIEWER, headers=bearer(secret))
        assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
