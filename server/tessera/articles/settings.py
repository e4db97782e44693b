"""What administrators may change about articles."""

from tessera.plugin import Setting

MAX_BODY = Setting(
    "articles.max_body",
    int,
    default=2 * 1024 * 1024,
    sentence="How many characters a message may have; longer incoming mails are cut, the original is kept.",
    minimum=1_000,
    maximum=10 * 1024 * 1024,
)
MAX_ATTACHMENTS = Setting(
    "articles.max_attachments",
    int,
    default=100,
    sentence="How many attachments somebody may add to one message.",
    minimum=0,
    maximum=1_000,
)
SENDER_NAME = Setting(
    "articles.sender_name",
    str,
    default="queue",
    sentence="Whose name stands before the queue's address in replies: queue, agent, or agent_queue for both.",
    choices=("queue", "agent", "agent_queue"),
)
