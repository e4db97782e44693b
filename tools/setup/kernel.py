"""Make .venv-kernel hold the lock, the server and the client, and no package of this checkout, for the kernel's tests.

It runs in .venv, whose installer it uses.
"""

import hashlib
import sys

from tools.setup.environment import LOCK, ROOT, run

ENVIRONMENT = ROOT / ".venv-kernel"
STAMP = ENVIRONMENT / ".tessera-setup"
DISTRIBUTIONS = (ROOT / "server", ROOT / "clients" / "python")


def main() -> None:
    """Bring .venv-kernel up to date; silent and quick when it is."""
    digest = hashlib.sha256(str(ROOT).encode())
    for file in (LOCK, *(folder / "pyproject.toml" for folder in DISTRIBUTIONS)):
        digest.update(file.read_bytes())
    if STAMP.is_file() and STAMP.read_text(encoding="utf-8") == digest.hexdigest():
        return
    uv = str(ROOT / ".venv" / "bin" / "uv")
    run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(ENVIRONMENT))
    install = [uv, "pip", "install", "--quiet", "--python", str(ENVIRONMENT)]
    run(*install, "--require-hashes", "-r", str(LOCK))
    run(*install, "--no-deps", *(part for folder in DISTRIBUTIONS for part in ("--editable", str(folder))))
    STAMP.write_text(digest.hexdigest(), encoding="utf-8")


if __name__ == "__main__":
    main()
