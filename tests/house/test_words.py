"""The project speaks of itself alone: no machine's paths, no registry's host, nothing of how it is built."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

FOREIGN = {
    "a machine's path": r"(?<![\w.])/(work|opt/wheels|root|home/(?!you\b)\w+|Users/\w+)(/|\b(?!\w*@))",
    "a registry's host": r"pypi\.org|pythonhosted\.org|npmjs\.(org|com)|crates\.io|index-url|\bdevpi\b|\bartifactory\b",
    "how it is built": r"\b(claude|anthropic|chatgpt|openai|copilot)\b"
    r"|\b(founder|sub-?agent|language model|code assistant)\b"
    r"|\bissues? (show\b|#?\d)|\b(this|next|later|previous) (issue|milestone)\b|\bthe brief\b",
}


def tracked() -> list[Path]:
    """Return the project's own text files, committed or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return [path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


@pytest.mark.parametrize("what", FOREIGN)
def test_the_project_speaks_of_itself_alone(what: str) -> None:
    pattern = re.compile(FOREIGN[what], re.IGNORECASE)
    own = Path(__file__).resolve()
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in tracked()
        if path != own
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("what", "line", "is_foreign"),
    [
        ("a machine's path", 'sys.path.append("/work/main/server")', True),
        ("a machine's path", "open('/home/alice/x')", True),
        ("a machine's path", "docs/work/flow.md and framework/work", False),
        ("a machine's path", "postgres://root@127.0.0.1:5432/", False),
        ("a registry's host", "--index-url=https://pypi.org/simple", True),
        ("how it is built", "as issue 2 asks", True),
        ("how it is built", "an agent opens a session and issues a token", False),
    ],
)
def test_the_patterns_find_what_they_are_for(what: str, line: str, is_foreign: bool) -> None:
    assert bool(re.search(FOREIGN[what], line, re.IGNORECASE)) is is_foreign
