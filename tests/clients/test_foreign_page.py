"""What a page elsewhere can do in a browser where somebody is signed in changes nothing here."""

import pytest

from tessera.files.models import Upload
from tests.clients.browser import CHROMIUM, in_a_browser
from tests.clients.conftest import Node
from tests.journeys.desk import Desk


@pytest.mark.timeout(200)
@in_a_browser
async def test_a_page_elsewhere_writes_nothing(desk: Desk, node: Node) -> None:
    assert await node("csrf.mjs", desk.house.url, CHROMIUM=CHROMIUM) == ""
    assert not await Upload.exists()
