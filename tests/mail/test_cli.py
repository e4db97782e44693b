import os
import subprocess
import sys
from pathlib import Path

import pytest

from tessera.testing.databases import migrated_database
from tessera.testing.house import base_assembly
from tests.mail.office import letter


def tessera(*words: str, url: str, data: Path, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the command as an administrator does."""
    environment = {**os.environ, "TESSERA_DATA": str(data), "TESSERA_DATABASE_URL": url, "TESSERA_SECRET": "x" * 20}
    command = [sys.executable, "-m", "tessera", *words]
    return subprocess.run(command, input=given, env=environment, capture_output=True, check=False, timeout=60)


async def test_a_pipe_keeps_a_mail_and_says_so(tmp_path: Path) -> None:
    async with migrated_database("sqlite", base_assembly().apps) as url:
        kept = tessera("mail", "deliver", url=url, data=tmp_path, given=letter())
        assert (kept.returncode, kept.stdout) == (0, b"Kept as mail 1.\n"), kept.stderr
        again = tessera("mail", "deliver", url=url, data=tmp_path, given=letter())
        assert (again.returncode, again.stdout) == (0, b"Kept as mail 1.\n")
        unknown = tessera("mail", "deliver", "--queue", "No::Such", url=url, data=tmp_path, given=letter("x"))
        assert (unknown.returncode, unknown.stderr) == (75, b"There is no queue No::Such.\n")
        fetched = tessera("mail", "fetch", url=url, data=tmp_path)
        assert (fetched.returncode, fetched.stdout) == (0, b"")


@pytest.mark.parametrize("url", ["postgres://127.0.0.1:9/none", "sqlite://{folder}/empty.db"])
def test_what_is_not_kept_is_to_be_brought_again(tmp_path: Path, url: str) -> None:
    refused = tessera("mail", "deliver", url=url.format(folder=tmp_path), data=tmp_path, given=letter())
    assert refused.returncode == 75
    assert refused.stderr
    assert b"Traceback" not in refused.stderr
