"""Tables of the people, their passwords, sessions and tokens."""

from datetime import datetime

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

from tessera.kit.clock import now
from tessera.kit.model import Row, Versioned

MAX_LOGIN = 200
MAX_NAME = 200
MAX_EMAIL = 254
MAX_PHONE = 100
MAX_NUMBER = 100
MAX_KEY = 500
"""Folded texts may be longer than the texts."""


class Agent(Versioned):
    """Somebody who works on tickets. The `_key` columns are folded for look-ups."""

    login = fields.CharField(max_length=MAX_LOGIN)
    login_key = fields.CharField(max_length=MAX_KEY, unique=True)
    name = fields.CharField(max_length=MAX_NAME)
    name_key = fields.CharField(max_length=MAX_KEY, db_index=True)
    email: str | None = fields.CharField(max_length=MAX_EMAIL, null=True)  # type: ignore[assignment]  # null is not in its type
    email_key: str | None = fields.CharField(max_length=MAX_KEY, null=True, db_index=True)  # type: ignore[assignment]  # as above
    active = fields.BooleanField(default=True)
    locale = fields.CharField(max_length=20, default="en")
    timezone = fields.CharField(max_length=60, default="UTC")
    out_of_office_from: datetime | None = fields.DatetimeField(null=True)
    out_of_office_until: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        """Never deleted, only switched off."""

        app = "tessera"
        table = "agent"


class Customer(Versioned):
    """A customer: the company or department customer users belong to."""

    number = fields.CharField(max_length=MAX_NUMBER)
    number_key = fields.CharField(max_length=MAX_KEY, unique=True)
    name = fields.CharField(max_length=MAX_NAME)
    name_key = fields.CharField(max_length=MAX_KEY, db_index=True)
    active = fields.BooleanField(default=True)

    class Meta:
        """Never deleted, only switched off."""

        app = "tessera"
        table = "customer"


class CustomerUser(Versioned):
    """Somebody who asks. The `_key` columns are folded for look-ups."""

    login = fields.CharField(max_length=MAX_EMAIL)
    login_key = fields.CharField(max_length=MAX_KEY, unique=True)
    name = fields.CharField(max_length=MAX_NAME)
    name_key = fields.CharField(max_length=MAX_KEY, db_index=True)
    email: str | None = fields.CharField(max_length=MAX_EMAIL, null=True)  # type: ignore[assignment]  # null is not in its type
    email_key: str | None = fields.CharField(max_length=MAX_KEY, null=True, db_index=True)  # type: ignore[assignment]  # as above
    phone: str | None = fields.CharField(max_length=MAX_PHONE, null=True)  # type: ignore[assignment]  # as above
    active = fields.BooleanField(default=True)
    locale = fields.CharField(max_length=20, default="en")
    timezone = fields.CharField(max_length=60, default="UTC")
    customer: fields.ForeignKeyNullableRelation[Customer] = fields.ForeignKeyField(
        "tessera.Customer", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    customer_id: int | None

    class Meta:
        """Never deleted, only switched off."""

        app = "tessera"
        table = "customer_user"
        indexes = (Index(fields=("customer_id", "name_key"), name="customer_user_of_customer"),)


class Credential(Row):
    """An account's password hash, apart from the account so that reading people never carries it."""

    actor_kind = fields.CharField(max_length=20)
    actor_id = fields.BigIntField()
    password_hash = fields.CharField(max_length=200)
    changed_at = fields.DatetimeField(default=now)

    class Meta:
        """One per account."""

        app = "tessera"
        table = "credential"
        constraints = (UniqueConstraint(fields=("actor_kind", "actor_id"), name="credential_unique"),)


class Session(Row):
    """A signed-in client: digests of its short-lived access token and of its rotating refresh token.

    Every refresh token of a session begins with the same part, whose digest is `family_digest`: whoever shows
    one of them that is not the newest has a copy, however old, so the session ends.
    """

    actor_kind = fields.CharField(max_length=20)
    actor_id = fields.BigIntField()
    access_digest = fields.CharField(max_length=64, unique=True)
    access_expires_at = fields.DatetimeField()
    family_digest = fields.CharField(max_length=64, unique=True)
    refresh_digest = fields.CharField(max_length=64)
    expires_at = fields.DatetimeField(db_index=True)
    revoked_at: datetime | None = fields.DatetimeField(null=True, db_index=True)
    created_at = fields.DatetimeField(default=now)

    class Meta:
        """Removed some time after it ended."""

        app = "tessera"
        table = "session"
        indexes = (("actor_kind", "actor_id"),)


class AccessToken(Row):
    """An API token; an empty list of scopes means all of its owner's permissions."""

    actor_kind = fields.CharField(max_length=20)
    actor_id = fields.BigIntField()
    name = fields.CharField(max_length=MAX_NAME)
    scopes = fields.TextField(default="[]")
    digest = fields.CharField(max_length=64, unique=True)
    created_at = fields.DatetimeField(default=now)
    last_used_at: datetime | None = fields.DatetimeField(null=True)
    expires_at: datetime | None = fields.DatetimeField(null=True)
    revoked_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        """Kept after revocation, for the audit."""

        app = "tessera"
        table = "access_token"
        indexes = (("actor_kind", "actor_id"),)


class SignInAttempt(Row):
    """A sign-in under way or failed; too many within a span close the door for that login or that address.

    The login is kept as a digest: people type passwords into the wrong box.
    """

    login_digest = fields.CharField(max_length=64)
    peer = fields.CharField(max_length=100)
    at = fields.DatetimeField(default=now, db_index=True)

    class Meta:
        """Removed when the span is over."""

        app = "tessera"
        table = "sign_in_attempt"
        indexes = (("login_digest", "at"), ("peer", "at"))
