"""The transport's numbers and names, all in one place."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tessera.kit.config import DocumentMode


@dataclass(frozen=True)
class Options:
    """How much a client may send, hold and delay; times are in seconds."""

    body_bytes: int = 1 << 20
    """The longest HTTP body and the longest WebSocket message."""

    session_cookie: str = "tessera_session"
    """A request that brings this cookie and no Authorization header must prove that a script of ours sent it."""

    allowed_origins: frozenset[str] = frozenset()
    """Origins, beside the server's own, that may open a WebSocket with the session cookie."""

    init_timeout: float = 10.0
    """How long a WebSocket may wait with `connection_init`."""

    operations_per_socket: int = 100
    queued_messages: int = 64
    """Messages that wait for a slow reader before its operations stand still."""

    queued_bytes: int = 1 << 20
    """The same in bytes; the last message may go beyond."""

    patience: float = 10.0
    """How long operations stand still before the slow reader's socket is closed."""

    keep_alive: float = 12.0
    """The pause after which an idle event stream sends a comment, for proxies that cut silent connections."""

    graphiql: bool = False
    """Whether a browser that comes by itself gets a page to try the API with."""

    documents: DocumentMode = "off"
    """Whether documents may be named by their hash, and whether any others may run."""

    rate_limit: int = 0
    """Points a caller may use a minute, and saved up at most; 0: without limit."""

    field_limits: Mapping[str, int] = field(default_factory=dict)
    """Uses a minute, by bucket, where they differ from what @limited says; 0: without limit."""
