"""Write the typed client from schema.graphql and its queries, or check that the committed one is what would be written.

The generator lives in .venv-client, because it needs an older graphql-core than the server.
"""

import filecmp
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.setup.environment import ROOT, run

SCHEMA = ROOT / "schema.graphql"
CLIENT = ROOT / "clients" / "python"
PACKAGE = "tessera_client"
LOCK = CLIENT / "generator.lock"
ENVIRONMENT = ROOT / ".venv-client"
STAMP = ENVIRONMENT / ".generator.lock"


def prepare() -> None:
    """Bring the generator's environment up to its lock."""
    if STAMP.is_file() and filecmp.cmp(STAMP, LOCK, shallow=False):
        return
    uv = str(ROOT / ".venv" / "bin" / "uv")
    run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(ENVIRONMENT))
    run(uv, "pip", "install", "--quiet", "--python", str(ENVIRONMENT), "--require-hashes", "-r", str(LOCK))
    shutil.copy(LOCK, STAMP)


def generate(place: Path, *, schema: str | None = None, more: str = "") -> Path:
    """Generate the package below a temporary folder laid out like the checkout; return it.

    `schema` is another SDL than the committed one, `more` are operations beside those in `queries`.
    """
    folder = place / CLIENT.relative_to(ROOT)
    shutil.copytree(CLIENT, folder, ignore=shutil.ignore_patterns(PACKAGE, "__pycache__"))
    if more:
        (folder / "queries" / "more.graphql").write_text(more, encoding="utf-8")
    (place / SCHEMA.name).write_text(SCHEMA.read_text(encoding="utf-8") if schema is None else schema, encoding="utf-8")
    generator = subprocess.run(
        [str(ENVIRONMENT / "bin" / "ariadne-codegen"), "client"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if generator.returncode:
        raise SystemExit(generator.stdout + generator.stderr)
    return folder / PACKAGE


def differences(fresh: Path, committed: Path) -> list[str]:
    """Return the names of files that differ or exist on one side only."""
    names = {path.name for folder in (fresh, committed) for path in folder.iterdir() if path.is_file()}
    _, different, missing = filecmp.cmpfiles(fresh, committed, names, shallow=False)
    return sorted(different + missing)


def main(*, check: bool) -> None:
    """Regenerate the client, or compare."""
    if not SCHEMA.is_file():
        raise SystemExit("schema.graphql is missing: .venv/bin/tessera schema print > schema.graphql")
    prepare()
    with tempfile.TemporaryDirectory() as place:
        fresh = generate(Path(place))
        if not check:
            shutil.rmtree(CLIENT / PACKAGE, ignore_errors=True)
            shutil.copytree(fresh, CLIENT / PACKAGE)
        elif stale := differences(fresh, CLIENT / PACKAGE):
            raise SystemExit(f"The client is not what `make client` writes: {', '.join(stale)}")


if __name__ == "__main__":
    main(check="--check" in sys.argv[1:])
