"""Reads wheels: what they say about themselves, and their files; pure, over bytes that are not trusted."""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from configparser import ConfigParser
from configparser import Error as ConfigError
from dataclasses import dataclass
from pathlib import PurePosixPath

from packaging.metadata import Metadata
from packaging.requirements import Requirement
from packaging.tags import sys_tags
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import Version

GROUP = "tessera"
"""The entry point group by which the house finds packages."""

KERNEL = "tessera-server"
MAX_FILES = 20_000
MAX_UNPACKED = 2 * 1024 * 1024 * 1024
METADATA_BYTES = 4 * 1024 * 1024
IN_PLACE = ("purelib", "platlib")
"""What of a wheel's `.data` folder belongs to the library; scripts and headers are of no use to the house."""


class WheelUnfit(Exception):
    """A file is no wheel that can be used; the message is a sentence."""


@dataclass(frozen=True)
class Facts:
    """What a wheel says about itself; `label` is empty for a library that is no package of the house."""

    name: str
    version: str
    label: str
    title: str
    description: str
    vendor: str | None
    license: str | None
    homepage: str | None
    requires: tuple[str, ...]
    requires_python: str

    @property
    def framework(self) -> str:
        """The versions of the server it runs on, as a version requirement; empty: any."""
        wanted = [Requirement(each) for each in self.requires]
        return ",".join(str(each.specifier) for each in wanted if canonicalize_name(each.name) == KERNEL)


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of bytes in hex."""
    return hashlib.sha256(content).hexdigest()


def named(filename: str) -> tuple[str, Version, bool]:
    """Return the distribution, its version and whether this machine can use it, all by the wheel's file name.

    Raises `WheelUnfit` for what is no wheel's plain name.
    """
    if PurePosixPath(filename).name != filename or "\\" in filename or filename.startswith("."):
        raise WheelUnfit(f"{filename!r} is no plain file name.")
    try:
        name, version, _, tags = parse_wheel_filename(filename)
    except InvalidWheelFilename:
        raise WheelUnfit(f"{filename!r} is no name of a wheel.") from None
    return name, version, not tags.isdisjoint(sys_tags())


def facts(filename: str, content: bytes) -> Facts:
    """Read what a wheel says about itself.

    Raises `WheelUnfit` when it is damaged, or says something else than its name.
    """
    name, version, _ = named(filename)
    with opened(content, filename) as archive:
        folder = _information(archive, filename)
        text = _read(archive, f"{folder}/METADATA", filename)
        try:
            metadata = Metadata.from_email(text, validate=False)
            found = canonicalize_name(metadata.name), metadata.version
            requires = tuple(str(each) for each in metadata.requires_dist or ())
        except (ExceptionGroup, ValueError, AttributeError, TypeError) as error:
            raise WheelUnfit(f"The metadata of {filename} cannot be read: {error}.") from None
        if found != (name, version):
            raise WheelUnfit(f"{filename} contains {found[0]} {found[1]}.")
        return Facts(
            name=name,
            version=str(version),
            label=_label(archive, folder, filename),
            title=metadata.summary or name,
            description=(metadata.description or metadata.summary or "").strip()[:20_000],
            vendor=metadata.author or metadata.author_email or metadata.maintainer,
            license=metadata.license_expression or metadata.license,
            homepage=_homepage(metadata),
            requires=requires,
            requires_python=str(metadata.requires_python or ""),
        )


def contents(filename: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the path below the library and the bytes of every file of a wheel.

    Raises `WheelUnfit` for a damaged wheel, for paths that lead out of it, and for one that unpacks to too much.
    """
    with opened(content, filename) as archive:
        members = [each for each in archive.infolist() if not each.is_dir()]
        if len(members) > MAX_FILES or sum(each.file_size for each in members) > MAX_UNPACKED:
            raise WheelUnfit(f"{filename} unpacks to too much.")
        seen: set[str] = set()
        for member in members:
            path = _place(member.filename, filename)
            if path is None:
                continue
            if path.casefold() in seen:
                raise WheelUnfit(f"{filename} contains {path} twice.")
            seen.add(path.casefold())
            yield path, _read(archive, member.filename, filename, limit=member.file_size)


def opened(content: bytes, filename: str) -> zipfile.ZipFile:
    """Open a wheel's archive.

    Raises `WheelUnfit` when it is none.
    """
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError, EOFError):
        raise WheelUnfit(f"{filename} is damaged.") from None


def _place(path: str, filename: str) -> str | None:
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\\" in path or ":" in parts[0] or "\0" in path:
        raise WheelUnfit(f"{filename} contains the path {path!r}, which leads out of it.")
    if parts[0].endswith(".data"):
        return "/".join(parts[2:]) if len(parts) > 2 and parts[1] in IN_PLACE else None  # noqa: PLR2004 - folder, kind, path
    if "__pycache__" in parts:
        return None
    return "/".join(parts)


def _information(archive: zipfile.ZipFile, filename: str) -> str:
    folders = {name.partition("/")[0] for name in archive.namelist() if ".dist-info/" in name}
    if len(folders) != 1:
        raise WheelUnfit(f"{filename} contains no single distribution.")
    return folders.pop()


def _read(archive: zipfile.ZipFile, path: str, filename: str, *, limit: int = METADATA_BYTES) -> bytes:
    try:
        with archive.open(path) as stream:
            found = stream.read(limit + 1)
    except KeyError:
        raise WheelUnfit(f"{filename} lacks {path}.") from None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        raise WheelUnfit(f"{filename} is damaged at {path}.") from None
    if len(found) > limit:
        raise WheelUnfit(f"{filename} says less than it holds at {path}.")
    return found


def _label(archive: zipfile.ZipFile, folder: str, filename: str) -> str:
    path = f"{folder}/entry_points.txt"
    if path not in archive.namelist():
        return ""
    parser = ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names are kept as they are written
    try:
        parser.read_string(_read(archive, path, filename).decode())
    except (ConfigError, UnicodeDecodeError):
        raise WheelUnfit(f"The entry points of {filename} cannot be read.") from None
    labels = list(parser[GROUP]) if parser.has_section(GROUP) else []
    if len(labels) > 1:
        raise WheelUnfit(f"{filename} declares {len(labels)} packages; a distribution is one.")
    return labels[0] if labels else ""


def _homepage(metadata: Metadata) -> str | None:
    urls = metadata.project_urls or {}
    return metadata.home_page or next(iter(urls.values()), None)
