"""Server-sent events: an operation's responses in the distinct connections mode."""


class ServerSentEvents:
    """A stream of `next` events, ended by `complete`; frames end with LF alone, which every client splits."""

    CONTENT_TYPE = "text/event-stream; charset=utf-8"
    BEGINNING = b""
    KEEP_ALIVE = b":\n\n"
    END = b"event: complete\ndata: \n\n"
    """A browser's EventSource ignores an event without data, so it has an empty line of it."""

    @staticmethod
    def next(payload: bytes) -> tuple[bytes, ...]:
        """Return an event with a response's JSON."""
        return b"event: next\ndata: ", payload, b"\n\n"

    @staticmethod
    def failed(errors: bytes) -> tuple[bytes, ...]:
        """Return an event with errors that end the stream."""
        return b'event: next\ndata: {"errors":', errors, b"}\n\n"
