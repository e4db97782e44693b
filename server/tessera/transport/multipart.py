"""Apollo's multipart subscriptions: an operation's responses as parts of one `multipart/mixed` body."""

BOUNDARY = b"--graphql"
PART = b"\r\ncontent-type: application/json\r\n\r\n"
NEXT = b"\r\n" + BOUNDARY
"""Sent behind each part at once: a client knows only by the next boundary that a part is complete."""


class MultipartSubscription:
    """Parts of version 1.0 of the protocol; a part without `payload` and `errors` is a heartbeat."""

    CONTENT_TYPE = 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0"'
    KEEP_ALIVE = PART + b"{}" + NEXT
    BEGINNING = NEXT + KEEP_ALIVE
    END = b"--\r\n"

    @staticmethod
    def next(payload: bytes) -> tuple[bytes, ...]:
        """Return a part with a response's JSON."""
        return PART + b'{"payload":', payload, b"}" + NEXT

    @staticmethod
    def failed(errors: bytes) -> tuple[bytes, ...]:
        """Return a part with the errors that end the stream."""
        return PART + b'{"payload":null,"errors":', errors, b"}" + NEXT
