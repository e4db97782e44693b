"""A file's way over a real socket: sent first, used in an article, fetched by a link that expires."""

from datetime import timedelta

import httpx2

from tessera.accounts import service as accounts
from tessera.kit import clock
from tessera.testing.house import House
from tests.articles.words import furnish
from tests.tickets.desk import gid

CREATE = """mutation ($input: TicketCreateInput!) { ticketCreate(input: $input) {
  ticket { articles { nodes { attachments { filename size downloadUrl } } } } userErrors { code field } } }"""


async def test_a_file_travels_from_upload_to_link(served: House) -> None:
    desk = await furnish(served)
    _, token = await desk.run(desk.anna, accounts.issue_token, name="test", scopes=[], expires_at=None)
    credential = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(base_url=served.url, headers=credential) as http:
        named = {"X-Filename": "a.txt", "Content-Type": "text/plain"}
        sent = (await http.post("/uploads", content=b"hello", headers=named)).json()
        article = {"body": "See", "attachments": [{"uploadToken": sent["uploadToken"]}]}
        values = {"input": {"title": "With a file", "queueId": gid(desk.queue), "article": article}}
        answer = (await http.post("/graphql", json={"query": CREATE, "variables": values})).json()
    payload = answer["data"]["ticketCreate"]
    assert payload["userErrors"] == []
    (file,) = payload["ticket"]["articles"]["nodes"][0]["attachments"]
    assert (file["filename"], file["size"]) == ("a.txt", 5)
    assert file["downloadUrl"].startswith(served.url)
    async with httpx2.AsyncClient() as anybody:
        got = await anybody.get(file["downloadUrl"])
        assert (got.status_code, got.content) == (200, b"hello")
        assert got.headers["content-disposition"].startswith("attachment")
        other_name = await anybody.get(file["downloadUrl"].replace("a.txt", "b.txt"))
        with clock.set_forward(timedelta(minutes=16)):
            late = await anybody.get(file["downloadUrl"])
    assert (other_name.status_code, late.status_code) == (404, 404)
