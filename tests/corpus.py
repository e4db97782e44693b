"""The corpus of foreign cases stands beside the repository; tests that need it skip visibly without it."""

import json
from pathlib import Path
from typing import Any

import pytest

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
needs_corpus = pytest.mark.skipif(
    not CORPUS.is_dir(), reason=f"the corpus folder {CORPUS.parent.name}/{CORPUS.name} is absent"
)


def table(path: str) -> Any:
    """Read one JSON table of the corpus, or an empty one where there is no corpus."""
    file = CORPUS / path
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
