"""The examples of the documentation, run in the order a reader meets them against a served demo desk."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
from graphql import OperationDefinitionNode, parse

from tools.docs.pages import ROOT

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = sorted((ROOT / "docs").rglob("*.md"))
WAIT_SECONDS = 100
REFUSED_ON_PURPOSE = {"Nobody", "Retitle"}
"""Examples of refusals; everything else must succeed."""

IDS = """{
  tickets(
    first: 1
    filter: {stateType: [NEW, OPEN], locked: false, customerUserId: {isNull: false}}
    orderBy: [{field: CREATED_AT, direction: DESC}]
  ) {
    nodes { id version }
  }
  queues { id path }
  ticketStates { id name }
}"""


@dataclass
class Demo:
    """A served demo desk and one signed in at it."""

    url: str
    environment: dict[str, str]
    token: str = ""
    known: dict[str, Any] = field(default_factory=dict)

    def post(self, document: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        body = {"query": document, "variables": variables or {}}
        answer: dict[str, Any] = httpx2.post(f"{self.url}/graphql", json=body, headers=headers, timeout=30).json()
        return answer

    def sign_in(self) -> None:
        made = self.post('mutation { sessionCreate(login: "anna", password: "tessera-demo") { accessToken } }')
        self.token = made["data"]["sessionCreate"]["accessToken"]

    def look_up(self) -> None:
        """Learn the values that examples name as variables."""
        found = self.post(IDS)["data"]
        ticket = found["tickets"]["nodes"][0]
        headers = {"Authorization": f"Bearer {self.token}", "X-Filename": "log.txt"}
        upload = httpx2.post(f"{self.url}/uploads", content=b"a line", headers=headers, timeout=30).json()
        self.known = {
            "ticket": ticket["id"],
            "version": ticket["version"] - 1,
            "queue": next(queue["id"] for queue in found["queues"] if queue["path"] == "Support::1st Level"),
            "closed": next(state["id"] for state in found["ticketStates"] if state["name"] == "closed successful"),
            "upload": upload["uploadToken"],
        }


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """Serve a demo desk as `make demo` does, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TESSERA_")}
    environment |= {"TESSERA_DATA": str(tmp_path), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    desk = Demo(f"http://127.0.0.1:{port}", environment)
    server = subprocess.Popen(
        [sys.executable, "-m", "tessera", "demo", "--port", str(port)], env=environment, stdout=subprocess.DEVNULL
    )
    try:
        wait_for(desk, server)
        desk.sign_in()
        yield desk
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def wait_for(desk: Demo, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            if httpx2.get(f"{desk.url}/health").status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.2)
    pytest.fail("the demo desk did not open")


@pytest.mark.timeout(300)  # a demo desk is filled, and a whole documentation read
def test_the_examples_of_the_documentation_work(demo: Demo) -> None:
    run_the_walk_of_the_readme(demo)
    ran = 0
    for page in PAGES:
        blocks = [block for block in BLOCK.findall(page.read_text(encoding="utf-8")) if block[0] in RUNNERS]
        if blocks:
            demo.look_up()
        for language, text in blocks:
            RUNNERS[language](demo, text)
            ran += 1
    assert ran > 20


def run_the_walk_of_the_readme(demo: Demo) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    walk = text.partition("## Five minutes to a first ticket")[2].partition("\n## ")[0]
    script = "\n".join(block for language, block in BLOCK.findall(walk) if language == "sh")
    script = script.replace("http://127.0.0.1:8000", demo.url)
    assert demo.url in script
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], env=demo.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert '"errors"' not in done.stdout
    assert '"number"' in done.stdout
    assert '"code"' not in done.stdout
    assert "Anna" in done.stdout


def run_console(demo: Demo, text: str) -> None:
    """Run each line behind a `$`; what follows it is the expected output, `…` standing for anything."""
    for command, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE):
        done = subprocess.run(
            ["bash", "-c", command],
            env=demo.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, (command, done.stdout)
        pattern = ".*".join(re.escape(part) for part in expected.strip().split("…"))
        assert re.fullmatch(pattern, done.stdout.strip()), (command, done.stdout)


def run_graphql(demo: Demo, document: str) -> None:
    """Run an operation with the values of the variables it declares."""
    operation = parse(document).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    assert operation.name is not None
    names = [each.variable.name.value for each in operation.variable_definitions or ()]
    answer = demo.post(document, {name: demo.known[name] for name in names})
    assert "errors" not in answer, (document, answer)
    refused = [error for payload in answer["data"].values() for error in user_errors(payload)]
    assert bool(refused) == (operation.name.value in REFUSED_ON_PURPOSE), (document, refused)


def user_errors(payload: Any) -> list[Any]:
    return payload.get("userErrors", []) if isinstance(payload, dict) else []


RUNNERS = {"console": run_console, "graphql": run_graphql}
