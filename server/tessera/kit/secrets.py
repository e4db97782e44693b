"""Password hashes, opaque tokens and signatures."""

import asyncio
import base64
import hashlib
import hmac
import secrets
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.fernet import Fernet, InvalidToken

from tessera.kit.clock import now

_TOKEN_BYTES = 32
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_turnstile = asyncio.Semaphore(4)
_NOBODY = _hasher.hash(secrets.token_urlsafe())


async def hash_password(password: str) -> str:
    """Return an argon2id hash (19 MiB, two passes) as a string that carries its parameters."""
    async with _turnstile:
        return await asyncio.to_thread(_hasher.hash, _bytes(password))


async def verify_password(hashed: str | None, password: str) -> bool:
    """Tell whether the password fits; takes as long for an unknown account (None) as for a known one."""
    async with _turnstile:
        fits = await asyncio.to_thread(_verify, hashed or _NOBODY, password)
    return fits and hashed is not None


def _verify(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, _bytes(password))
    except (VerificationError, InvalidHashError):
        return False


def new_token(prefix: str) -> str:
    """Return an opaque random token; its prefix tells people and scanners what leaked."""
    return f"{prefix}_{secrets.token_urlsafe(_TOKEN_BYTES)}"


def digest(token: str) -> str:
    """Return what is stored of a token: its SHA-256 in hex."""
    return hashlib.sha256(_bytes(token)).hexdigest()


def _bytes(text: str) -> bytes:
    """Encode whatever a client sent: JSON may hold half a character."""
    return text.encode(errors="surrogatepass")


class Unreadable(Exception):
    """A sealed text was sealed with another key, or is none."""


def seal(key: bytes, text: str) -> str:
    """Encrypt a text that must be read again, so that the database alone does not tell it."""
    return _box(key).encrypt(_bytes(text)).decode()


def unseal(key: bytes, sealed: str) -> str:
    """Decrypt what `seal` made.

    Raises `Unreadable`.
    """
    try:
        return _box(key).decrypt(sealed.encode()).decode(errors="surrogatepass")
    except (InvalidToken, UnicodeError) as error:
        raise Unreadable from error


def _box(key: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hmac.new(key, b"sealed texts", hashlib.sha256).digest()))


def sign(key: bytes, message: str, *, until: datetime) -> str:
    """Return a URL-safe signature over a message and the instant it is good until."""
    expiry = str(int(until.timestamp()))
    mac = hmac.new(key, f"{message}\n{expiry}".encode(), hashlib.sha256).digest()
    return f"{expiry}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def is_signed(key: bytes, message: str, signature: str) -> bool:
    """Tell whether a signature made by `sign` belongs to the message and is still good."""
    expiry, _, _ = signature.partition(".")
    if not (expiry.isascii() and expiry.isdigit()) or len(expiry) > len("99999999999"):
        return False
    until = datetime.fromtimestamp(int(expiry), tz=now().tzinfo)
    return hmac.compare_digest(sign(key, message, until=until), signature) and now() < until
