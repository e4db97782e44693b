"""Configuration: what the environment says, read once per process; the only reader of the environment."""

import secrets
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

DATABASE_SCHEMES = ("sqlite", "postgres", "postgresql", "mysql", "mariadb")
REDIS_SCHEMES = ("redis", "rediss", "unix")
DocumentMode = Literal["off", "auto", "trusted"]
RATE_LIMIT_MINIMUM = 1000
SMTP_SCHEMES = ("smtp", "smtps")
SECRET_FILE = "secret"  # noqa: S105 - the name of a file, not a secret
SECRET_BYTES = 32


class ConfigurationError(Exception):
    """The environment is wrong; the message is one sentence that says what to do."""


def _with_scheme(*schemes: str) -> AfterValidator:
    def check(url: str) -> str:
        if urlsplit(url).scheme not in schemes:
            message = f"must be a URL that begins with {' or '.join(scheme + '://' for scheme in schemes)}"
            raise ValueError(message)
        return url

    return AfterValidator(check)


def _sensible_limit(points: int) -> int:
    """Refuse a limit that a single page of an interface would meet."""
    if points < 0 or 0 < points < RATE_LIMIT_MINIMUM:
        message = f"must be 0 or at least {RATE_LIMIT_MINIMUM}"
        raise ValueError(message)
    return points


class Config(BaseSettings):
    """The process's configuration; `Config.read()` makes one."""

    model_config = SettingsConfigDict(env_prefix="TESSERA_", extra="ignore", frozen=True)

    data: Path = Field(default=Path("data"), description="Folder for everything the server keeps on disk.")
    database_url: Annotated[str, _with_scheme(*DATABASE_SCHEMES)] | None = Field(
        default=None, description="Database; default: a SQLite file in the data folder."
    )
    redis_url: Annotated[str, _with_scheme(*REDIS_SCHEMES)] | None = Field(
        default=None, description="Redis for jobs, wake-ups and rate limits; default: everything inside the process."
    )
    redis_namespace: str = Field(
        default="tessera",
        pattern="^[A-Za-z0-9_.-]{1,50}$",
        description="What keys and channels in Redis begin with; houses that share a Redis need different ones.",
    )
    smtp_url: Annotated[str, _with_scheme(*SMTP_SCHEMES)] | None = Field(
        default=None, description="Where mails leave; default: they are written as files to DATA/outbox."
    )
    secret: SecretStr | None = Field(
        default=None, min_length=16, description="Key of signatures; default: a random one kept in DATA/secret."
    )
    admin_password: SecretStr | None = Field(
        default=None, min_length=8, description="Password of the first administrator; default: made and printed once."
    )
    public_url: Annotated[str, _with_scheme("http", "https")] | None = Field(
        default=None, description="Where people reach this server; default: the address it listens on."
    )
    allowed_origins: str = Field(
        default="", description="Origins, separated by commas, whose pages may call this server, e.g. a portal's."
    )
    documents: DocumentMode = Field(
        default="auto",
        description="Persisted documents: `off`, `auto` (clients register) or `trusted` (only imported ones run).",
    )
    rate_limit: Annotated[int, AfterValidator(_sensible_limit)] = Field(
        default=60_000,
        description="Points a session, a token or an anonymous caller's address may use a minute; 0: no limit.",
    )
    field_limits: dict[str, Annotated[int, Field(ge=0)]] = Field(
        default={},
        description='Uses a minute of fields with a bucket of their own, as JSON, e.g. `{"sign_in": 20}`; 0: no limit.',
    )
    graphiql: bool = Field(
        default=False, description="Show GraphiQL, a page to try the API with, to browsers that open `/graphql`."
    )
    compile: bool = Field(
        default=True, description="Answer queries from compiled plans; off, graphql-core answers all, only slower."
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="What `/metrics` asks for as `Authorization: Bearer …`; default: it answers private networks only.",
    )
    tracing: bool = Field(
        default=False, description="Trace with OpenTelemetry (tessera-server[otel]) to where `OTEL_*` variables say."
    )
    package_set: Path | None = Field(
        default=None, description="Folder of the set of packages to run; default: the one DATA/packages/current names."
    )
    environment_packages: bool = Field(
        default=True, description="Load packages installed beside the server, too; they are not managed."
    )
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="DEBUG to ERROR.")
    log_json: bool = Field(default=False, description="Write logs as JSON lines.")

    @classmethod
    def read(cls, *, data: Path | None = None) -> "Config":
        """Read the environment; `data` overrides TESSERA_DATA.

        Raises `ConfigurationError` with one sentence for the first value that is wrong.
        """
        try:
            config = cls() if data is None else cls(data=data)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            name = "TESSERA_" + "_".join(str(part) for part in first["loc"] if isinstance(part, str)).upper()
            message = f"{name} is wrong: {first['msg'].removeprefix('Value error, ')}."
            raise ConfigurationError(message) from None
        return config

    @property
    def database(self) -> str:
        """The URL of the database."""
        return self.database_url or f"sqlite://{(self.data / 'tessera.sqlite3').absolute()}"

    @property
    def on_sqlite(self) -> bool:
        """Whether the database is a SQLite file."""
        return self.database.startswith("sqlite")

    @property
    def outbox(self) -> Path:
        """Where outgoing mails are written when there is no SMTP server."""
        return self.data / "outbox"

    @property
    def packages(self) -> Path:
        """Where sets of packages lie, and what is exported before data is purged."""
        return self.data / "packages"

    @property
    def library(self) -> Path | None:
        """The folder whose distributions are the packages of this process, None when there are none."""
        folder = self.package_set or self.packages / "current"
        return folder.resolve() / "lib" if (folder / "lib").is_dir() else None

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins whose pages may call this server."""
        return tuple(origin.strip().rstrip("/") for origin in self.allowed_origins.split(",") if origin.strip())

    @property
    def embedded(self) -> bool:
        """Whether this process does everything itself, jobs included, because there is no Redis."""
        return self.redis_url is None

    def prepare(self) -> None:
        """Create the data folder.

        Raises `ConfigurationError` when that is impossible.
        """
        try:
            self.data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = f"TESSERA_DATA is wrong: the folder {self.data} cannot be created ({error.strerror})."
            raise ConfigurationError(message) from error

    def key(self) -> bytes:
        """Return the secret key: TESSERA_SECRET, else the one kept in the data folder, made when absent.

        Raises `ConfigurationError` when it can be neither read nor made.
        """
        if self.secret is not None:
            return self.secret.get_secret_value().encode()
        self.prepare()
        path = self.data / SECRET_FILE
        try:
            if not path.exists():
                path.touch(mode=0o600, exist_ok=False)
                path.write_text(secrets.token_urlsafe(SECRET_BYTES))
            return path.read_bytes()
        except FileExistsError:
            return path.read_bytes()
        except OSError as error:
            message = f"The secret in {path} cannot be read or written ({error.strerror}); set TESSERA_SECRET."
            raise ConfigurationError(message) from error


class _Process:
    """What the open house of this process was configured with."""

    def __init__(self) -> None:
        self.config: Config | None = None


_process = _Process()


def use(config: Config) -> None:
    """Make a configuration the one of this process's open house, of which there is one at a time."""
    _process.config = config


def in_use() -> Config:
    """Return the configuration of this process's open house.

    Raises `ConfigurationError` when none was ever opened.
    """
    if _process.config is None:
        raise ConfigurationError("No house is open in this process.")
    return _process.config
