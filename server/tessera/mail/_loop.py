"""Messages that machines sent are not answered by machines: how to tell them. Pure."""

from tessera.mail._parse import Message

_PRECEDENCES = {"auto_reply", "bulk", "junk", "list"}
_SUPPRESSED = {"all", "autoreply", "oof"}
_LOOP_HEADERS = ("X-Loop", "X-No-Loop", "X-Autoreply", "X-Autorespond", "X-Autorespond-Loop")
_LIST_HEADERS = ("List-Id", "List-Post", "List-Unsubscribe")
_MACHINES = {"bounce", "bounces", "donotreply", "mailerdaemon", "noreply", "postmaster"}
_OFF = {"", "0", "false", "no"}


def automatic(message: Message, prefix: str = "X-Tessera-") -> str | None:
    """Tell why a message must not be answered automatically, naming the header that says so; None when it may be.

    The marks are those of RFC 3834 and of mailing lists, mailer daemons and other help desks; `prefix` begins our own.
    """
    if message.bounce is not None:
        return "delivery report"
    submitted = message.header("Auto-Submitted").lower().partition(";")[0].strip()
    if submitted not in {"", "no"}:
        return f"Auto-Submitted: {submitted}"
    precedence = message.header("Precedence").lower()
    if precedence in _PRECEDENCES:
        return f"Precedence: {precedence}"
    return _marked(message, prefix) or _sender(message)


def is_machine(address: str) -> bool:
    """Tell whether an address is a machine's by its name, as `mailer-daemon@…` and `no-reply@…` are."""
    local = address.partition("@")[0].lower()
    # bounces+token@ and no.reply-42@ are machines too
    return local.partition("+")[0].translate(str.maketrans("", "", "-_.0123456789")) in _MACHINES


def _marked(message: Message, prefix: str) -> str | None:
    for name in (f"{prefix}Loop", *_LOOP_HEADERS):
        if message.header(name).lower() not in _OFF:
            return name
    for name in _LIST_HEADERS:
        if message.header(name):
            return name
    suppressed = {word.strip().lower() for word in message.header("X-Auto-Response-Suppress").split(",")}
    return "X-Auto-Response-Suppress" if suppressed & _SUPPRESSED else None


def _sender(message: Message) -> str | None:
    if message.header("Return-Path").replace(" ", "") == "<>":
        return "Return-Path: <>"
    if message.sender is None:
        return "no sender"
    address = message.sender.address
    return f"sender: {address.partition('@')[0].lower()}" if is_machine(address) else None
