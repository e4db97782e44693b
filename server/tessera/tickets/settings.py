"""What administrators may change about tickets."""

from tessera.plugin import Setting

NUMBER_GENERATOR = Setting(
    "tickets.number_generator",
    str,
    default="date_checksum",
    sentence="How tickets are numbered: date_checksum, date, increment, or a way a package brings.",
)
SYSTEM_ID = Setting(
    "tickets.system_id",
    int,
    default=10,
    sentence="A number in every ticket number that tells help desks apart which write to each other.",
    minimum=1,
    maximum=99999,
)
HOOK = Setting(
    "tickets.hook", str, default="Ticket#", sentence="What stands before the ticket number in subjects of mails."
)
DEFAULT_STATE = Setting(
    "tickets.default_state", str, default="new", sentence="The state of a new ticket whose maker chose none."
)
DEFAULT_PRIORITY = Setting(
    "tickets.default_priority", str, default="3 normal", sentence="The priority of a new ticket whose maker chose none."
)
FOLLOW_UP_STATE = Setting(
    "tickets.follow_up_state", str, default="open", sentence="The state of a ticket that is reopened or followed up."
)
STATE_AFTER_PENDING: Setting[dict[str, str]] = Setting(
    "tickets.state_after_pending",
    dict,
    default={"pending auto close+": "closed successful", "pending auto close-": "closed unsuccessful"},
    sentence="Which state follows each pending auto state when its time has come, by name.",
)
PENDING_MINUTES = Setting(
    "tickets.pending_minutes",
    int,
    default=1440,
    sentence="How many minutes a ticket is pending when no time is given.",
    minimum=1,
    maximum=5_256_000,
)
LOCK_ON_REPLY = Setting(
    "tickets.lock_on_reply",
    bool,
    default=True,
    sentence="The first reply of an agent locks the ticket and makes them its owner.",
)
UNLOCK_ON_MOVE = Setting(
    "tickets.unlock_on_move", bool, default=False, sentence="A ticket moved to another queue is unlocked."
)
CUSTOMER_MAY_CLOSE = Setting(
    "tickets.customer_may_close", bool, default=True, sentence="Customer users may close their own tickets."
)
