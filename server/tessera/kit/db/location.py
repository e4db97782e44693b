"""Where a database is: reads a database URL and turns it into a connection description."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from pymysql.constants import CLIENT

Dialect = Literal["sqlite", "postgres", "mysql"]

_DIALECTS: dict[str, Dialect] = {
    "sqlite": "sqlite",
    "postgres": "postgres",
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
}
_SSL_MODES = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}
_OPTIONS = {"host", "sslmode"}
CONNECT_SECONDS = 10
_MARIADB_SESSION = (
    "SET SESSION time_zone = '+00:00', tx_isolation = 'READ-COMMITTED', collation_connection = 'utf8mb4_nopad_bin', "
    "sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO,NO_ZERO_DATE,NO_ZERO_IN_DATE'"
)


@dataclass(frozen=True)
class Location:
    """One database: a file (`path`) or a name on a server; the password never shows in a repr.

    A `host` that begins with a slash is a Unix socket: the folder PostgreSQL has its own in, MariaDB's file.
    """

    dialect: Dialect
    path: Path | None = None
    host: str = ""
    port: int = 0
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    database: str = ""
    ssl_mode: str | None = None

    def __str__(self) -> str:
        """Give the address for people: no user, no password."""
        if self.path:
            return f"sqlite://{self.path}"
        address = quote(self.host, safe="") if self.is_socket else f"{self.host}:{self.port}"
        return f"{self.dialect}://{address}/{self.database}"

    @property
    def is_socket(self) -> bool:
        """Whether the server is reached over a Unix socket."""
        return self.host.startswith("/")

    def file(self) -> Path:
        """Give the database file of an SQLite location; ValueError for a server."""
        if self.path is None:
            raise ValueError(f"{self} is not a file.")
        return self.path

    def connection(self, *, pool_size: int, foreign_keys: bool = True) -> dict[str, Any]:
        """Describe the connection for Tortoise: engine module and credentials."""
        if self.dialect == "sqlite":
            return {
                "engine": "tessera.kit.db.sqlite",
                "credentials": {
                    "file_path": str(self.file()),
                    "readers": pool_size,
                    "foreign_keys": "ON" if foreign_keys else "OFF",
                },
            }
        if self.dialect == "postgres":
            return {"engine": "tessera.kit.db.postgres", "credentials": self._postgres(pool_size)}
        return {"engine": "tessera.kit.db.mysql", "credentials": self._mariadb(pool_size)}

    def _server(self, pool_size: int) -> dict[str, Any]:
        return {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "password": self.password,
            "database": self.database,
            "minsize": 1,
            "maxsize": pool_size,
        }

    def _postgres(self, pool_size: int) -> dict[str, Any]:
        return self._server(pool_size) | {
            "timeout": CONNECT_SECONDS,
            "ssl": self.ssl_mode,
            "application_name": "tessera",
            "server_settings": {"timezone": "UTC"},
        }

    @property
    def mariadb_address(self) -> dict[str, Any]:
        """Where MariaDB's driver finds the server."""
        if self.is_socket:
            return {"host": "localhost", "port": self.port, "unix_socket": self.host}
        return {"host": self.host, "port": self.port}

    def _mariadb(self, pool_size: int) -> dict[str, Any]:
        return self._server(pool_size) | {
            "user": self.user or "root",
            "password": self.password or "",
            **self.mariadb_address,
            "charset": "utf8mb4",
            "init_command": _MARIADB_SESSION,
            # rows matched, as on the other two, instead of rows whose values really changed
            "client_flag": CLIENT.FOUND_ROWS,
        }


def locate(url: str) -> Location:
    """Read a database URL: `sqlite:///file`, `postgres://user:password@host/name`, `mariadb://…` or `mysql://…`.

    A host that begins with a slash, percent-encoded (`postgres://%2Fvar%2Frun%2Fpostgresql/name`), is a Unix socket. A
    PostgreSQL URL may carry `?sslmode=…`, and the socket's folder as `?host=…`, as in libpq's URLs.

    Raises ValueError with one sentence; the sentence never holds the URL.
    """
    scheme, separator, _ = url.partition("://")
    dialect = _DIALECTS.get(scheme.lower())
    if not separator or dialect is None:
        raise ValueError("A database URL starts with sqlite://, postgres:// or mariadb://.")
    if dialect == "sqlite":
        return _locate_file(url)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"The {scheme} database URL cannot be read: percent-encode special characters.") from None
    options = _options(dialect, parts.query)
    database = parts.path.removeprefix("/")
    if not database or "/" in database:
        raise ValueError(f"The {scheme} database URL must end with one database name, as in {scheme}://host/tessera.")
    return Location(
        dialect=dialect,
        host=_host(parts, options.get("host")),
        port=port or (5432 if dialect == "postgres" else 3306),
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        database=unquote(database),
        ssl_mode=options.get("sslmode"),
    )


def _host(parts: SplitResult, option: str | None) -> str:
    """Return a server's name, or the path of its socket, whose case matters."""
    written = unquote(parts.netloc.rpartition("@")[2])
    if not written.startswith("/"):
        return option or parts.hostname or "127.0.0.1"
    return written.removesuffix(f":{parts.port}")


def _locate_file(url: str) -> Location:
    path, _, query = url.partition("://")[2].partition("?")
    if query:
        raise ValueError("A sqlite database URL takes no options after a question mark.")
    if not path or path.endswith("/") or ":memory:" in path:
        raise ValueError("A sqlite database URL must name a file, as in sqlite:///var/lib/tessera/tessera.db.")
    path = re.sub("^/+", "/", unquote(path))  # POSIX gives two leading slashes a meaning of their own
    return Location(dialect="sqlite", path=Path(path).absolute())


def _options(dialect: Dialect, query: str) -> dict[str, str]:
    options = dict(parse_qsl(query, keep_blank_values=True))
    if unknown := options.keys() - (_OPTIONS if dialect == "postgres" else set()):
        raise ValueError(f"The database URL has an unknown option: {min(unknown)}.")
    if (mode := options.get("sslmode")) is not None and mode not in _SSL_MODES:
        raise ValueError(f"The option sslmode must be one of {', '.join(sorted(_SSL_MODES))}.")
    if not options.get("host", "/").startswith("/"):
        raise ValueError("The option host must be the folder of PostgreSQL's socket, as in ?host=/var/run/postgresql.")
    return options
