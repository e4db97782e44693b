"""What administrators may change about mail."""

from tessera.plugin import Setting

DEFAULT_QUEUE = Setting(
    "mail.default_queue", str, default="Raw", sentence="The queue of mail that names no queue and no known address."
)
POLL_SECONDS = Setting(
    "mail.poll_seconds", int, default=60, sentence="How often mail accounts are emptied.", minimum=10, maximum=86400
)
SEARCH_BODY = Setting(
    "mail.search_body", bool, default=False, sentence="Look for ticket numbers in the text of mails, too."
)
SEARCH_ATTACHMENTS = Setting(
    "mail.search_attachments", bool, default=False, sentence="Look for ticket numbers in text attachments, too."
)
LOOP_LIMIT = Setting(
    "mail.loop_limit",
    int,
    default=40,
    sentence="How many automatic mails one address gets in a day at most.",
    minimum=0,
    maximum=10000,
)
MAX_BYTES = Setting(
    "mail.max_bytes",
    int,
    default=50 * 1024 * 1024,
    sentence="How many bytes an incoming mail may have.",
    minimum=1024,
    maximum=1024**3,
)
LISTENER = Setting(
    "mail.listener",
    str,
    default="off",
    sentence="Whether the server itself takes mail, and by which protocol; a change counts from the next start.",
    choices=("off", "smtp", "lmtp"),
)
LISTENER_HOST = Setting(
    "mail.listener_host", str, default="127.0.0.1", sentence="The address the server takes mail on."
)
LISTENER_PORT = Setting(
    "mail.listener_port", int, default=8025, sentence="The port the server takes mail on.", minimum=0, maximum=65535
)
LISTENER_KNOWN_ONLY = Setting(
    "mail.listener_known_only", bool, default=True, sentence="Refuse mail to addresses that belong to no queue."
)
TELL_OWNER = Setting(
    "mail.tell_owner", bool, default=True, sentence="Tell the owner of a ticket by mail that the customer has written."
)
