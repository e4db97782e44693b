"""The error policy: nothing of the server's inside reaches a client."""

import httpx2
import pytest
from structlog.testing import capture_logs

SECRET = "secret of the server"


@pytest.mark.parametrize("field", ["bug", "hardBug", "wrongValue", "careless"])
async def test_a_bug_is_masked_and_its_reference_is_in_the_log(http: httpx2.AsyncClient, field: str) -> None:
    with capture_logs() as lines:
        response = await http.post("", json={"query": f"query Q{{{field}}}"})
    assert response.status_code == 200
    assert SECRET not in response.text
    [error] = response.json()["errors"]
    assert error["message"] == "Internal error."
    assert error["path"] == [field]
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    [line] = [line for line in lines if line["event"] == "transport.internal_error"]
    assert line["ref"] == error["extensions"]["ref"]
    assert SECRET in str(line["exc_info"])
    assert (line["operation"], line["path"]) == ("Q", [field])


async def test_an_error_in_one_field_keeps_the_others(http: httpx2.AsyncClient) -> None:
    response = await http.post("", json={"query": "{hello bug}"})
    assert response.json()["data"] == {"hello": "Hello world", "bug": None}


@pytest.mark.parametrize(
    ("kind", "extensions"),
    [
        ("forbidden", {"code": "FORBIDDEN"}),
        ("invalid", {"code": "BAD_USER_INPUT", "field": ["kind"]}),
        ("unauthenticated", {"code": "UNAUTHENTICATED", "reason": "accounts.unauthenticated"}),
    ],
)
async def test_a_problem_is_told_with_its_code(
    http: httpx2.AsyncClient, kind: str, extensions: dict[str, object]
) -> None:
    response = await http.post("", json={"query": f'{{problem(kind: "{kind}")}}'})
    [error] = response.json()["errors"]
    assert error["extensions"] == extensions
    assert error["path"] == ["problem"]
    assert error["message"] in {"Not you.", "Not this.", "Sign in first."}


async def test_an_argument_that_does_not_fit_is_the_clients_fault(http: httpx2.AsyncClient) -> None:
    body = {"query": "query($v: Int){items(first: $v){totalCount}}", "variables": {"v": 2**40}}
    response = await http.post("", json=body)
    assert response.status_code == 400
    [error] = response.json()["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "32-bit" in error["message"]
