"""Immutable sets of distributions: folders unpacked from wheels, named by what is in them, compared with the wheels.

Every function here blocks, so call them in a thread.
"""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from tessera.kit.clock import now
from tessera.packages._wheels import WheelUnfit, contents, digest_of
from tessera.packages.models import Member, written

SETS = "sets"
CURRENT = "current"
LIBRARY = "lib"
DESCRIPTION = "set.json"
BYTECODE = "__pycache__"
DIGITS = 16
UNDER_WAY_SECONDS = 6 * 3600.0
"""How long a set that nobody wants yet may be somebody's work: looked at in a child, or about to be wanted."""

Wheels = Mapping[str, bytes]
"""The bytes of wheels by their SHA-256."""


class SetAltered(Exception):
    """A set's files are not those of its wheels; `differences` names them by distribution."""

    def __init__(self, differences: Mapping[str, list[str]]) -> None:
        super().__init__("; ".join(f"{name}: {', '.join(found)}" for name, found in differences.items()))
        self.differences = differences


def digest(members: Sequence[Member]) -> str:
    """Return the name of a set's folder, empty for a set without members."""
    return hashlib.sha256(written(tuple(members)).encode()).hexdigest()[:DIGITS] if members else ""


def build(root: Path, members: Sequence[Member], wheels: Wheels) -> Path:
    """Return the folder of a set below `root`, unpacked now unless it is there.

    It appears whole or not at all, whoever else builds it and wherever this process is killed. Raises `WheelUnfit`.
    """
    folder = root / SETS / digest(members)
    with contextlib.suppress(FileNotFoundError):
        os.utime(folder)
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    under_way = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".new-"))
    try:
        for path, content in _unpacked(members, wheels).values():
            _write(under_way / LIBRARY / path, content)
        (under_way / LIBRARY).mkdir(exist_ok=True)
        description = {"digest": folder.name, "members": [asdict(each) for each in sorted(members)]}
        _write(under_way / DESCRIPTION, json.dumps(description, indent=1).encode())
        under_way.chmod(0o755)
        with contextlib.suppress(OSError):  # somebody else was faster
            under_way.rename(folder)
    finally:
        shutil.rmtree(under_way, ignore_errors=True)
    return folder


def compare(root: Path, members: Sequence[Member], wheels: Wheels) -> dict[str, list[str]]:
    """Return what differs between a set's folder and its wheels, by distribution; nothing when all is as it should be.

    Python's bytecode is not compared; `forget_bytecode` removes it before anything is run.
    """
    library = root / SETS / digest(members) / LIBRARY
    found: dict[str, list[str]] = {}
    expected = _unpacked(members, wheels).values()
    owners = {path: member.name for member in members for path, _ in contents(member.filename, wheels[member.sha256])}
    for path, content in expected:
        file = library / path
        if not file.is_file() or file.is_symlink():
            found.setdefault(owners[path], []).append(f"missing {path}")
        elif file.stat().st_size != len(content) or digest_of(file.read_bytes()) != digest_of(content):
            found.setdefault(owners[path], []).append(f"altered {path}")
    for path in _files(library):
        if path not in owners:
            found.setdefault(_owner_of(path, owners), []).append(f"added {path}")
    return found


def forget_bytecode(folder: Path) -> None:
    """Remove what Python wrote beside a set's modules, so that the next process compiles what was compared."""
    for cache in list(folder.rglob(BYTECODE)):
        shutil.rmtree(cache, ignore_errors=True)


def discard(root: Path, members: Sequence[Member]) -> None:
    """Move a set's folder out of the way; it is built anew when it is wanted again."""
    folder = root / SETS / digest(members)
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)


def activate(root: Path, members: Sequence[Member]) -> None:
    """Let commands of this machine find a set without asking the database."""
    link, name = root / CURRENT, digest(members)
    if not name:
        link.unlink(missing_ok=True)
        return
    with tempfile.TemporaryDirectory(dir=root, prefix=".new-") as folder:
        new = Path(folder) / CURRENT
        new.symlink_to(Path(SETS) / name)
        new.replace(link)


def prune(root: Path, kept: Collection[str]) -> int:
    """Remove the folders of sets that are not among the digests to keep, and of builders that died; return how many.

    What was touched of late stays: another process may be trying a set before it is wanted.
    """
    begun = now().timestamp() - UNDER_WAY_SECONDS
    others = [each for each in (root / SETS).glob("*") if each.name not in kept] if (root / SETS).is_dir() else []
    folders = [each for each in others if _touched(each) < begun]
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    return len(folders)


def _touched(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _unpacked(members: Sequence[Member], wheels: Wheels) -> dict[str, tuple[str, bytes]]:
    """Return every path of a set with its bytes; two distributions may not bring the same path."""
    found: dict[str, tuple[str, bytes]] = {}
    owners: dict[str, str] = {}
    for member in members:
        wheel = wheels[member.sha256]
        if digest_of(wheel) != member.sha256:
            raise WheelUnfit(f"{member.filename} is not the file that was installed: its SHA-256 differs.")
        for path, content in contents(member.filename, wheel):
            key = path.casefold()
            if key in found:
                raise WheelUnfit(f"{owners[key]} and {member.name} both bring {path}.")
            found[key], owners[key] = (path, content), member.name
    return found


def _files(library: Path) -> Iterator[str]:
    for folder, names, files in os.walk(library):
        if BYTECODE in names:
            names.remove(BYTECODE)
        yield from (str(Path(folder, file).relative_to(library)) for file in files)


def _owner_of(path: str, owners: Mapping[str, str]) -> str:
    top = path.partition("/")[0]
    return next((name for known, name in owners.items() if known.partition("/")[0] == top), next(iter(owners.values())))


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def is_whole(member: Member, wheel: bytes) -> bool:
    """Tell whether a wheel is the one a member names, and can be unpacked."""
    try:
        _unpacked([member], {member.sha256: wheel})
    except WheelUnfit:
        return False
    return True
