"""Folders of sets: built once, kept while anybody may be at work with them, and removed when nobody wants them."""

import io
import os
import zipfile
from pathlib import Path

from tessera.packages._overlay import UNDER_WAY_SECONDS, build, digest, prune
from tessera.packages._wheels import digest_of
from tessera.packages.models import Member


def wheel_of(name: str) -> tuple[Member, bytes]:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(f"{name}/__init__.py", "")
    content = stream.getvalue()
    return Member(name, "1", name, f"{name}-1-py3-none-any.whl", digest_of(content)), content


def built(root: Path, name: str) -> tuple[Path, Member]:
    member, content = wheel_of(name)
    return build(root, [member], {member.sha256: content}), member


def make_old(folder: Path) -> None:
    then = folder.stat().st_mtime - UNDER_WAY_SECONDS - 60
    os.utime(folder, (then, then))


def test_a_set_somebody_may_be_trying_is_not_removed(tmp_path: Path) -> None:
    (wanted, member), (tried, _), (forgotten, _) = (built(tmp_path, name) for name in ("wanted", "tried", "forgotten"))
    for folder in (wanted, forgotten):
        make_old(folder)
    assert prune(tmp_path, {digest([member])}) == 1
    assert (wanted.is_dir(), tried.is_dir(), forgotten.is_dir()) == (True, True, False)


def test_whoever_builds_a_set_again_keeps_it(tmp_path: Path) -> None:
    folder, _ = built(tmp_path, "again")
    make_old(folder)
    assert built(tmp_path, "again")[0] == folder
    assert prune(tmp_path, set()) == 0
    assert folder.is_dir()
