"""Make .venv hold the lock and this checkout's distributions; silent and quick when it already does.

It runs under the machine's own python3, before anything is installed: standard library only.
"""

import hashlib
import importlib.util
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = ENVIRONMENT / ".tessera-setup"
OLDEST = (3, 11)


def distributions() -> list[Path]:
    """Return the folders of this checkout that install as a distribution, the server first."""
    folders = [ROOT / "server", ROOT / "clients" / "python", *sorted((ROOT / "plugins").glob("*"))]
    return [folder for folder in folders if (folder / "pyproject.toml").is_file()]


def fingerprint() -> str:
    """Return a digest of everything that decides what the environment should hold."""
    digest = hashlib.sha256(str(ROOT).encode())
    for file in (Path(__file__), LOCK, *(folder / "pyproject.toml" for folder in distributions())):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def locked(name: str) -> str:
    """Return the lock's block for one library, hashes included."""
    block = re.search(rf"^{name}==.*?(?=^\S|\Z)", LOCK.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    if block is None:
        raise SystemExit(f"requirements.lock does not name {name}; run `make lock`.")
    return block.group()


def create() -> None:
    """Create .venv with the locked uv in it, by whichever of ensurepip and pip the machine has."""
    has_ensurepip = importlib.util.find_spec("ensurepip") is not None
    if has_ensurepip:
        installer = [str(ENVIRONMENT / "bin" / "python"), "-m", "pip"]
    elif importlib.util.find_spec("pip") is not None:
        installer = [sys.executable, "-m", "pip", "--python", str(ENVIRONMENT / "bin" / "python")]
    else:
        raise SystemExit("Python has neither ensurepip nor pip: install it (on Debian: apt-get install python3-venv).")
    venv.create(ENVIRONMENT, clear=True, with_pip=has_ensurepip, symlinks=True)
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as requirements:
        requirements.write(locked("uv"))
        requirements.flush()
        run(*installer, "install", "--quiet", "--require-hashes", "-r", requirements.name)


def run(*command: str) -> None:
    """Run one step; a step that fails ends the set-up with its exit code."""
    if code := subprocess.run(command, cwd=ROOT, check=False).returncode:
        raise SystemExit(code)


def main() -> None:
    """Bring .venv up to date."""
    if sys.version_info < OLDEST:
        raise SystemExit(f"Tessera needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    wanted = fingerprint()
    if (ENVIRONMENT / "bin" / "python").exists() and STAMP.is_file() and STAMP.read_text(encoding="utf-8") == wanted:
        return
    print("Setting up .venv (once; some 70 libraries) ...", flush=True)
    if not all((ENVIRONMENT / "bin" / program).exists() for program in ("python", "uv")):
        create()
    install = [str(ENVIRONMENT / "bin" / "uv"), "pip", "install", "--quiet", "--python", str(ENVIRONMENT)]
    run(*install, "--require-hashes", "-r", str(LOCK))
    run(*install, "--no-deps", *(part for folder in distributions() for part in ("--editable", str(folder))))
    STAMP.write_text(wanted, encoding="utf-8")


if __name__ == "__main__":
    main()
