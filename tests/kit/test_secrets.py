import hashlib
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tessera.kit.clock import stopped
from tessera.kit.secrets import digest, hash_password, is_signed, new_token, sign, verify_password

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=15)
KEY = b"a key"


async def test_a_password_is_known_by_its_hash_alone() -> None:
    hashed = await hash_password("pässword")
    assert "pässword" not in hashed
    assert hashed != await hash_password("pässword")
    assert await verify_password(hashed, "pässword")
    assert not await verify_password(hashed, "passwort")


async def test_nobody_and_nonsense_fit_no_password() -> None:
    assert not await verify_password(None, "password")
    assert not await verify_password("not a hash", "password")
    assert not await verify_password(await hash_password("x"), "\ud800")


def test_tokens_are_long_and_different() -> None:
    tokens = {new_token("tes") for _ in range(100)}
    assert len(tokens) == 100
    assert all(token.startswith("tes_") and len(token) >= 40 for token in tokens)


def test_of_a_token_only_its_hash_is_kept() -> None:
    assert digest("token") == hashlib.sha256(b"token").hexdigest()


@given(st.text(st.characters(codec="utf-8")))
def test_a_signature_counts_until_its_end(message: str) -> None:
    with stopped(NOON):
        signature = sign(KEY, message, until=LATER)
        assert is_signed(KEY, message, signature)
        assert not is_signed(b"another key", message, signature)
        assert not is_signed(KEY, f"{message}x", signature)
    with stopped(LATER):
        assert not is_signed(KEY, message, signature)


@given(st.text(max_size=60))
def test_what_was_never_signed_counts_never(signature: str) -> None:
    with stopped(NOON):
        assert not is_signed(KEY, "message", signature)


def test_the_end_of_a_signature_cannot_be_moved() -> None:
    with stopped(NOON):
        expiry, _, mac = sign(KEY, "message", until=NOON).partition(".")
        assert not is_signed(KEY, "message", f"{int(expiry) + 60}.{mac}")
