from enum import Enum


class ActorKind(str, Enum):
    AGENT = "AGENT"
    CUSTOMER_USER = "CUSTOMER_USER"
    SYSTEM = "SYSTEM"


class ArticleDeliveryState(str, Enum):
    QUEUED = "QUEUED"
    SENT = "SENT"
    FAILED = "FAILED"
    BOUNCED = "BOUNCED"


class ArticleSenderType(str, Enum):
    AGENT = "AGENT"
    CUSTOMER = "CUSTOMER"
    SYSTEM = "SYSTEM"


class AutoResponseKind(str, Enum):
    REPLY = "REPLY"
    FOLLOW_UP = "FOLLOW_UP"
    REJECT = "REJECT"
    REPLY_NEW_TICKET = "REPLY_NEW_TICKET"
    REMOVE = "REMOVE"


class FaqAudience(str, Enum):
    INTERNAL = "INTERNAL"
    EXTERNAL = "EXTERNAL"
    PUBLIC = "PUBLIC"


class FaqItemOrderField(str, Enum):
    UPDATED_AT = "UPDATED_AT"
    CREATED_AT = "CREATED_AT"
    TITLE = "TITLE"
    RATING = "RATING"
    VIEW_COUNT = "VIEW_COUNT"


class FollowUpPolicy(str, Enum):
    POSSIBLE = "POSSIBLE"
    REJECT = "REJECT"
    NEW_TICKET = "NEW_TICKET"


class JobState(str, Enum):
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class MailMessageState(str, Enum):
    RECEIVED = "RECEIVED"
    FILED = "FILED"
    IGNORED = "IGNORED"
    QUARANTINED = "QUARANTINED"


class MailProtocol(str, Enum):
    IMAP = "IMAP"
    POP3 = "POP3"


class MailSecurity(str, Enum):
    TLS = "TLS"
    STARTTLS = "STARTTLS"
    NONE = "NONE"


class MasterSlaveRole(str, Enum):
    MASTER = "MASTER"
    SLAVE = "SLAVE"


class OrderDirection(str, Enum):
    ASC = "ASC"
    DESC = "DESC"


class PackageAction(str, Enum):
    INSTALL = "INSTALL"
    UPGRADE = "UPGRADE"
    ENABLE = "ENABLE"
    DISABLE = "DISABLE"
    UNINSTALL = "UNINSTALL"
    PURGE = "PURGE"


class PackageState(str, Enum):
    AVAILABLE = "AVAILABLE"
    ENABLED = "ENABLED"
    DISABLED = "DISABLED"
    QUARANTINED = "QUARANTINED"


class QueueRight(str, Enum):
    RO = "RO"
    MOVE_INTO = "MOVE_INTO"
    CREATE = "CREATE"
    NOTE = "NOTE"
    OWNER = "OWNER"
    PRIORITY = "PRIORITY"
    RW = "RW"


class SchemaChangeCriticality(str, Enum):
    BREAKING = "BREAKING"
    DANGEROUS = "DANGEROUS"
    SAFE = "SAFE"


class TemplateKind(str, Enum):
    ANSWER = "ANSWER"
    CREATE = "CREATE"
    EMAIL = "EMAIL"
    FORWARD = "FORWARD"
    NOTE = "NOTE"
    PHONE_CALL = "PHONE_CALL"


class TicketOrderField(str, Enum):
    NUMBER = "NUMBER"
    TITLE = "TITLE"
    CREATED_AT = "CREATED_AT"
    UPDATED_AT = "UPDATED_AT"
    PRIORITY = "PRIORITY"
    PENDING_UNTIL = "PENDING_UNTIL"


class TicketStateType(str, Enum):
    NEW = "NEW"
    OPEN = "OPEN"
    CLOSED = "CLOSED"
    PENDING_REMINDER = "PENDING_REMINDER"
    PENDING_AUTO = "PENDING_AUTO"
    REMOVED = "REMOVED"
    MERGED = "MERGED"


class UserErrorCode(str, Enum):
    INVALID = "INVALID"
    REQUIRED = "REQUIRED"
    TAKEN = "TAKEN"
    NOT_FOUND = "NOT_FOUND"
    FORBIDDEN = "FORBIDDEN"
    CONFLICT = "CONFLICT"
    STATE = "STATE"
    LIMIT = "LIMIT"
