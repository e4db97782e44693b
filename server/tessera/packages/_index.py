"""A repository's index: which wheels it has, signed with ed25519; pure, over bytes that are not trusted."""

import base64
import binascii
import contextlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from tessera.kit.clock import isoformat, now
from tessera.packages._resolve import Offer
from tessera.packages._wheels import Facts, WheelUnfit, digest_of, facts, named

INDEX = "index.json"
SIGNATURE = "index.json.sig"
FORMAT = "tessera-index/1"
ALGORITHM = "ed25519"
MAX_INDEX = 16 * 1024 * 1024


class IndexUnfit(Exception):
    """An index cannot be read or trusted; the message is a sentence."""


class _Entry(BaseModel):
    """A wheel as an index names it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    filename: str = Field(max_length=255)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    size: int = Field(ge=1)
    label: str = Field(default="", pattern="^([a-z][a-z0-9_]{0,49})?$")
    title: str = Field(max_length=1000)
    description: str = Field(default="", max_length=20_000)
    vendor: str | None = Field(default=None, max_length=200)
    license: str | None = Field(default=None, max_length=5000)
    homepage: str | None = Field(default=None, max_length=500)
    requires: list[str] = []
    requires_python: str = ""


class _Index(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    format: str
    made_at: AwareDatetime | None = None
    wheels: list[_Entry]


@dataclass(frozen=True)
class Index:
    """What a signed index says: when it was made (None: it does not say), and what it offers."""

    made_at: datetime | None
    offers: tuple[Offer, ...]

    def require_not_before(self, known: datetime | None) -> None:
        """Refuse an index from before one that was read already: who keeps a newer one back may want an old fault in.

        Raises `IndexUnfit`.
        """
        if known is None or (self.made_at is not None and self.made_at >= known):
            return
        made = f"was made at {isoformat(self.made_at)}" if self.made_at else "does not say when it was made"
        raise IndexUnfit(f"Its index {made}; one of {isoformat(known)} was read here before, and is kept back now.")


def new_key() -> tuple[bytes, str]:
    """Make a key pair: the secret one as PEM, the public one as text to trust."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem, public_text(key)


def public_text(key: Ed25519PrivateKey) -> str:
    """Return the public half of a key, as administrators write it down."""
    return f"{ALGORITHM}:{base64.b64encode(key.public_key().public_bytes_raw()).decode()}"


def secret_key(pem: bytes) -> Ed25519PrivateKey:
    """Read a secret key.

    Raises `IndexUnfit` when it is none.
    """
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise IndexUnfit("The file holds no secret key.") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise IndexUnfit(f"The key is none of {ALGORITHM}.")
    return key


def public_key(text: str) -> Ed25519PublicKey:
    """Read a key to trust; whatever follows it behind a space is a remark.

    Raises `IndexUnfit` when it is none.
    """
    algorithm, _, value = text.strip().partition(" ")[0].partition(":")
    try:
        if algorithm != ALGORITHM:
            raise ValueError
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(value, validate=True))
    except (ValueError, binascii.Error):
        raise IndexUnfit(f"A trusted key begins with `{ALGORITHM}:` and goes on with 32 bytes in base64.") from None


def write(folder: Path, key: Ed25519PrivateKey) -> int:
    """Write and sign the index of a folder's wheels, dated after the one there; return how many there are. Blocks.

    Raises `WheelUnfit` for a wheel that is damaged.
    """
    entries = [_entry(file) for file in sorted(folder.glob("*.whl"))]
    index = {"format": FORMAT, "made_at": isoformat(_after(folder / INDEX)), "wheels": entries}
    content = json.dumps(index, indent=1, ensure_ascii=False).encode()
    _replace(folder / INDEX, content)
    _replace(folder / SIGNATURE, f"{public_text(key)} {base64.b64encode(key.sign(content)).decode()}\n".encode())
    return len(entries)


def read(content: bytes, signature: bytes, trusted: Sequence[str], source: str) -> Index:
    """Return what an index says, if a trusted key signed it.

    Raises `IndexUnfit` otherwise, and for an index that is not what `write` makes.
    """
    _require_signed(content, signature, trusted)
    try:
        index = TypeAdapter(_Index).validate_json(content)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise IndexUnfit(f"Its index is damaged at {'.'.join(map(str, first['loc']))}: {first['msg']}.") from None
    if index.format != FORMAT:
        raise IndexUnfit(f"Its index has the format {index.format[:50]!r}; this server reads {FORMAT}.")
    return Index(index.made_at, tuple(_offer(entry, source) for entry in index.wheels))


def _require_signed(content: bytes, signature: bytes, trusted: Sequence[str]) -> None:
    if not trusted:
        raise IndexUnfit("No key is trusted: see the setting packages.trusted_keys.")
    signatures = [line.split()[-1] for line in signature.decode(errors="replace").splitlines() if line.strip()]
    for key in map(public_key, trusted):
        for each in signatures:
            try:
                key.verify(base64.b64decode(each, validate=True), content)
            except (InvalidSignature, ValueError, binascii.Error):
                continue
            return
    raise IndexUnfit("Its index is not signed by a key that is trusted here, or was altered.")


def _after(index: Path) -> datetime:
    """Return an instant behind that of an index, even if the clock that it was made by was ahead."""
    before = None
    with contextlib.suppress(OSError, ValidationError):
        before = TypeAdapter(_Index).validate_json(index.read_bytes()).made_at
    return max(now(), before + timedelta(microseconds=1)) if before else now()


def _entry(file: Path) -> dict[str, Any]:
    content = file.read_bytes()
    own = facts(file.name, content)
    told = {name: value for name, value in asdict(own).items() if name not in {"name", "version"}}
    return {"filename": file.name, "sha256": digest_of(content), "size": len(content), **told}


def _offer(entry: _Entry, source: str) -> Offer:
    try:
        name, version, _ = named(entry.filename)
        for each in entry.requires:
            Requirement(each)
        SpecifierSet(entry.requires_python)
    except (WheelUnfit, InvalidRequirement, InvalidSpecifier) as error:
        raise IndexUnfit(f"Its index is damaged at {entry.filename!r}: {error}") from None
    told = entry.model_dump(exclude={"filename", "sha256", "size", "requires"})
    own = Facts(name=name, version=str(version), requires=tuple(entry.requires), **told)
    return Offer(entry.filename, entry.sha256, entry.size, source, own)


def _replace(file: Path, content: bytes) -> None:
    new = file.with_name(f".{file.name}.new")
    new.write_bytes(content)
    new.replace(file)
