"""Files of items: kept, kept in use, handed out by links that expire, also to nobody signed in."""

from typing import Any

import httpx2

from tessera.files import service as files
from tessera.files.queries import download_url
from tessera.kit.ids import to_global
from tessera.testing.house import House
from tessera_faq import queries
from tessera_faq.graphql.types import FIRST_FILE
from tessera_faq.models import Audience, ItemAttachment
from tessera_faq.service import NewAttachment
from tests.faq.world import World, gid

FILES = "query ($id: ID!) { faqItem(id: $id) { attachments { id filename size sha256 inline downloadUrl } } }"
SET_FILES = """mutation ($id: ID!, $files: [AttachmentInput!]) {
  faqItemUpdate(id: $id, input: {attachments: $files}) {
    faqItem { attachments { id filename } } userErrors { code field }
  }
}"""


async def file(name: str = "plan.txt", data: bytes = b"stop, drop and roll") -> NewAttachment:
    blob = await files.store(None, data)
    return NewAttachment(name, "text/plain", blob.digest, blob.size)


async def shown(world: World, item: Any, actor: Any) -> Any:
    return (await world.house.ask(FILES, {"id": gid(item)}, actor=actor))["faqItem"]


async def test_a_file_is_read_with_its_item(world: World) -> None:
    item = await world.item(audience=Audience.EXTERNAL, attachments=[await file()])
    (found,) = (await shown(world, item, world.desk.carla))["attachments"]
    assert (found["filename"], found["size"], found["inline"]) == ("plan.txt", 19, False)
    assert f"/files/{found['sha256']}?" in found["downloadUrl"]
    assert await shown(world, item, None) is None


async def test_a_file_of_an_item_is_none_of_an_article(world: World) -> None:
    item = await world.item(attachments=[await file()])
    (found,) = (await shown(world, item, world.desk.anna))["attachments"]
    refetched = await world.house.ask(
        "query ($id: ID!) { node(id: $id) { id } }", {"id": found["id"]}, actor=world.desk.anna
    )
    assert refetched == {"node": None}


async def test_files_are_replaced_and_kept_by_their_ids(world: World) -> None:
    item = await world.item(attachments=[await file("a.txt", b"a"), await file("b.txt", b"b")])
    first, _ = (await shown(world, item, world.editor))["attachments"]
    given: dict[str, Any] = {"id": gid(item), "files": [{"attachmentId": first["id"]}]}
    changed = (await world.house.ask(SET_FILES, given, actor=world.editor))["faqItemUpdate"]
    assert changed["faqItem"]["attachments"] == [{"id": first["id"], "filename": "a.txt"}]
    _, second = (await shown(world, await world.item(attachments=[await file(), await file("c.txt", b"c")]), None))[
        "attachments"
    ]
    given["files"].append({"attachmentId": second["id"]})
    changed = (await world.house.ask(SET_FILES, given, actor=world.editor))["faqItemUpdate"]
    assert [each["filename"] for each in changed["faqItem"]["attachments"]] == ["a.txt", "c.txt"]
    given["files"] = [{"attachmentId": to_global("Attachment", FIRST_FILE + 99)}]
    gone = (await world.house.ask(SET_FILES, given, actor=world.editor))["faqItemUpdate"]
    assert gone["userErrors"] == [{"code": "NOT_FOUND", "field": ["input", "attachments", "0", "attachmentId"]}]


async def test_a_file_of_a_hidden_item_is_not_used_again(world: World) -> None:
    hidden = await world.item(category=world.other, audience=Audience.INTERNAL, attachments=[await file()])
    row = await ItemAttachment.get(item_id=hidden.id)
    given = {"id": gid(await world.item()), "files": [{"attachmentId": to_global("Attachment", FIRST_FILE + row.id)}]}
    refused = (await world.house.ask(SET_FILES, given, actor=world.editor))["faqItemUpdate"]
    assert refused["userErrors"][0]["code"] == "NOT_FOUND"


async def test_what_items_name_is_not_swept_away(world: World) -> None:
    kept = await file()
    await world.item(attachments=[kept])
    assert await queries.named_digests([kept.digest, "0" * 64]) == {kept.digest}
    owners = world.house.runtime.assembly.wiring.answers["blob_owners"]
    assert "faq" in {owner.name for owner in owners}


async def test_nobody_signed_in_fetches_a_public_file_by_its_link(served: House) -> None:
    world = await World.furnish(served)
    item = await world.item(attachments=[await file()])
    secret = await file("secret.txt", b"secret")
    await world.item(audience=Audience.INTERNAL, attachments=[secret])
    async with httpx2.AsyncClient() as client:
        answer = await client.post(f"{served.url}/graphql", json={"query": FILES, "variables": {"id": gid(item)}})
        (found,) = answer.json()["data"]["faqItem"]["attachments"]
        assert (await client.get(found["downloadUrl"])).content == b"stop, drop and roll"
        unsigned = download_url(served.url, secret.digest, name="secret.txt", content_type="text/plain")
        assert (await client.get(unsigned.partition("signature=")[0] + "signature=0")).status_code == 404
