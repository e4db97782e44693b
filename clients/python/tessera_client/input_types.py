from datetime import datetime
from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import (
    AutoResponseKind,
    FaqAudience,
    FaqItemOrderField,
    FollowUpPolicy,
    MailProtocol,
    MailSecurity,
    MasterSlaveRole,
    OrderDirection,
    QueueRight,
    TemplateKind,
    TicketOrderField,
    TicketStateType,
)


class AgentCreateInput(BaseModel):
    login: str
    name: str
    email: str
    locale: Optional[str] = None
    timezone: Optional[str] = None
    password: Optional[str] = None
    role_ids: Optional[list[str]] = Field(alias="roleIds", default=None)
    client_mutation_id: Optional[str] = Field(alias="clientMutationId", default=None)


class AgentUpdateInput(BaseModel):
    """Absent = unchanged, null = cleared."""

    login: Optional[str] = None
    name: Optional[str] = None
    email: Optional[str] = None
    locale: Optional[str] = None
    timezone: Optional[str] = None
    active: Optional[bool] = None
    password: Optional[str] = None
    role_ids: Optional[list[str]] = Field(alias="roleIds", default=None)
    out_of_office_from: Optional[datetime] = Field(
        alias="outOfOfficeFrom", default=None
    )
    out_of_office_until: Optional[datetime] = Field(
        alias="outOfOfficeUntil", default=None
    )


class ArticleInput(BaseModel):
    """An article to add. Channel `email` sends it; `note` stays inside; `phone` records a call; `web` comes from a portal."""

    channel: str = "web"
    visible_for_customer: Optional[bool] = Field(
        alias="visibleForCustomer", default=None
    )
    "Default: true, except for channel `note`."
    subject: Optional[str] = None
    body: Optional[str] = None
    "Plain text; made from `bodyHtml` when absent."
    body_html: Optional[str] = Field(alias="bodyHtml", default=None)
    to: Optional[list[str]] = None
    "Recipients of channel `email`; default: the customer user."
    cc: Optional[list[str]] = None
    in_reply_to_id: Optional[str] = Field(alias="inReplyToId", default=None)
    attachments: Optional[list["AttachmentInput"]] = None


class AttachmentInput(BaseModel):
    """Exactly one member. Bytes go to `POST /uploads` first; GraphQL multipart is off."""

    upload_token: Optional[str] = Field(alias="uploadToken", default=None)
    "Token returned by `POST /uploads`."
    attachment_id: Optional[str] = Field(alias="attachmentId", default=None)
    "Re-use an attachment you can read."


class AutoResponseCreateInput(BaseModel):
    name: str
    kind: AutoResponseKind
    subject: str
    text: str


class AutoResponseUpdateInput(BaseModel):
    """Absent = unchanged."""

    name: Optional[str] = None
    subject: Optional[str] = None
    text: Optional[str] = None
    active: Optional[bool] = None


class CustomerCreateInput(BaseModel):
    number: str
    "The number or short name the help desk knows it by."
    name: str
    client_mutation_id: Optional[str] = Field(alias="clientMutationId", default=None)


class CustomerUpdateInput(BaseModel):
    """Absent = unchanged, null = cleared."""

    number: Optional[str] = None
    name: Optional[str] = None
    active: Optional[bool] = None


class CustomerUserCreateInput(BaseModel):
    login: str
    name: str
    email: Optional[str] = None
    phone: Optional[str] = None
    customer_id: Optional[str] = Field(alias="customerId", default=None)
    locale: Optional[str] = None
    timezone: Optional[str] = None
    password: Optional[str] = None
    client_mutation_id: Optional[str] = Field(alias="clientMutationId", default=None)


class CustomerUserUpdateInput(BaseModel):
    """Absent = unchanged, null = cleared."""

    login: Optional[str] = None
    name: Optional[str] = None
    email: Optional[str] = None
    phone: Optional[str] = None
    customer_id: Optional[str] = Field(alias="customerId", default=None)
    locale: Optional[str] = None
    timezone: Optional[str] = None
    active: Optional[bool] = None
    password: Optional[str] = None


class DateTimeFilter(BaseModel):
    """Half-open interval: gte <= value < lt."""

    gte: Optional[datetime] = None
    lt: Optional[datetime] = None
    is_null: Optional[bool] = Field(alias="isNull", default=None)


class FaqCategoryInput(BaseModel):
    """A category as it shall be."""

    name: str
    parent_id: Optional[str] = Field(alias="parentId", default=None)
    group_ids: list[str] = Field(alias="groupIds")


class FaqFieldInput(BaseModel):
    """The new HTML of one text; the others stay as they are."""

    name: str
    html: str


class FaqItemCreateInput(BaseModel):
    """A new item."""

    title: str
    language: str
    "For example `en` or `pt-BR`."
    category_id: str = Field(alias="categoryId")
    audience: FaqAudience = FaqAudience.INTERNAL
    fields: Optional[list["FaqFieldInput"]] = None
    keywords: Optional[list[str]] = None
    attachments: Optional[list["AttachmentInput"]] = None
    valid_from: Optional[datetime] = Field(alias="validFrom", default=None)
    valid_until: Optional[datetime] = Field(alias="validUntil", default=None)
    from_ticket_id: Optional[str] = Field(alias="fromTicketId", default=None)
    "Take symptom and solution from this ticket's articles, and link it."
    translation_of_id: Optional[str] = Field(alias="translationOfId", default=None)
    "The item this one translates."
    client_mutation_id: Optional[str] = Field(alias="clientMutationId", default=None)
    "Idempotency key, unique per caller for 24 hours: a repeated create returns the first result."


class FaqItemFilter(BaseModel):
    """All given conditions must hold; lists inside one condition are alternatives."""

    query: Optional[str] = None
    "Words in number, title, keywords or texts."
    category_id: Optional["IDFilter"] = Field(alias="categoryId", default=None)
    include_sub_categories: Optional[bool] = Field(
        alias="includeSubCategories", default=False
    )
    "Include the sub-categories of `categoryId`."
    language: Optional[list[str]] = None
    audience: Optional[list[FaqAudience]] = None
    keywords_any: Optional[list[str]] = Field(alias="keywordsAny", default=None)
    approved: Optional[bool] = None
    updated_at: Optional["DateTimeFilter"] = Field(alias="updatedAt", default=None)


class FaqItemOrder(BaseModel):
    """One sort key; ties are broken by id."""

    field: FaqItemOrderField
    direction: OrderDirection = OrderDirection.DESC


class FaqItemUpdateInput(BaseModel):
    """Absent = unchanged, null = cleared."""

    title: Optional[str] = None
    category_id: Optional[str] = Field(alias="categoryId", default=None)
    audience: Optional[FaqAudience] = None
    fields: Optional[list["FaqFieldInput"]] = None
    keywords: Optional[list[str]] = None
    attachments: Optional[list["AttachmentInput"]] = None
    "All files the item has afterwards; `attachmentId` keeps one it has."
    active: Optional[bool] = None
    valid_from: Optional[datetime] = Field(alias="validFrom", default=None)
    valid_until: Optional[datetime] = Field(alias="validUntil", default=None)


class GroupCreateInput(BaseModel):
    name: str
    client_mutation_id: Optional[str] = Field(alias="clientMutationId", default=None)


class GroupGrantInput(BaseModel):
    """The rights a role or an agent holds in a group from now on; none takes all away."""

    group_id: str = Field(alias="groupId")
    rights: list[QueueRight]


class GroupUpdateInput(BaseModel):
    """Absent = unchanged, null = cleared."""

    name: Optional[str] = None
    active: Optional[bool] = None


class IDFilter(BaseModel):
    """Match references. `isNull: true` finds objects without one."""

    in_: Optional[list[str]] = Field(alias="in", default=None)
    not_in: Optional[list[str]] = Field(alias="notIn", default=None)
    is_null: Optional[bool] = Field(alias="isNull", default=None)


class MailAccountCreateInput(BaseModel):
    name: str
    protocol: MailProtocol
    host: str
    port: int
    security: MailSecurity
    login: str
    password: str
    "Kept sealed; nobody can read it again."
    folder: str = "INBOX"
    "IMAP only."
    queue_id: Optional[str] = Field(alias="queueId", default=None)
    trusted: bool = False


class MailAccountUpdateInput(BaseModel):
    """Absent = unchanged, null = cleared."""

    name: Optional[str] = None
    protocol: Optional[MailProtocol] = None
    host: Optional[str] = None
    port: Optional[int] = None
    security: Optional[MailSecurity] = None
    login: Optional[str] = None
    password: Optional[str] = None
    folder: Optional[str] = None
    queue_id: Optional[str] = Field(alias="queueId", default=None)
    trusted: Optional[bool] = None
    active: Optional[bool] = None


class MailFilterCreateInput(BaseModel):
    name: str
    position: int = 0
    matches: list["MailFilterMatchInput"]
    "All have to match."
    sets: list["MailFilterSettingInput"]
    stops: bool = False


class MailFilterMatchInput(BaseModel):
    """A header and the regular expression to find in it; `Body` stands for the text."""

    header: str
    pattern: str


class MailFilterSettingInput(BaseModel):
    """A control header without `X-Tessera-`, and its value."""

    name: str
    value: str


class MailFilterUpdateInput(BaseModel):
    """Absent = unchanged."""

    name: Optional[str] = None
    position: Optional[int] = None
    matches: Optional[list["MailFilterMatchInput"]] = None
    sets: Optional[list["MailFilterSettingInput"]] = None
    stops: Optional[bool] = None
    active: Optional[bool] = None


class MasterSlaveFilter(BaseModel):
    """All given conditions must hold; a master's own master is itself."""

    role: Optional[list[MasterSlaveRole]] = None
    master_id: Optional["IDFilter"] = Field(alias="masterId", default=None)


class MasterSlaveTicketInput(BaseModel):
    """Group part of a new ticket: exactly one member."""

    slave_ids: Optional[list[str]] = Field(alias="slaveIds", default=None)
    "Open it as a master of these."
    master_id: Optional[str] = Field(alias="masterId", default=None)
    "Open it as a slave of this ticket."


class QueueCreateInput(BaseModel):
    name: str
    parent_id: Optional[str] = Field(alias="parentId", default=None)
    group_id: str = Field(alias="groupId")
    email_address: Optional[str] = Field(alias="emailAddress", default=None)
    follow_up_policy: FollowUpPolicy = Field(
        alias="followUpPolicy", default=FollowUpPolicy.POSSIBLE
    )
    follow_up_lock: bool = Field(alias="followUpLock", default=False)
    unlock_timeout_minutes: Optional[int] = Field(
        alias="unlockTimeoutMinutes", default=None
    )
    salutation_id: Optional[str] = Field(alias="salutationId", default=None)
    signature_id: Optional[str] = Field(alias="signatureId", default=None)
    auto_response_ids: Optional[list[str]] = Field(
        alias="autoResponseIds", default=None
    )
    "At most one of each kind."


class QueueUpdateInput(BaseModel):
    """Absent = unchanged, null = cleared."""

    name: Optional[str] = None
    parent_id: Optional[str] = Field(alias="parentId", default=None)
    group_id: Optional[str] = Field(alias="groupId", default=None)
    email_address: Optional[str] = Field(alias="emailAddress", default=None)
    follow_up_policy: Optional[FollowUpPolicy] = Field(
        alias="followUpPolicy", default=None
    )
    follow_up_lock: Optional[bool] = Field(alias="followUpLock", default=None)
    unlock_timeout_minutes: Optional[int] = Field(
        alias="unlockTimeoutMinutes", default=None
    )
    active: Optional[bool] = None
    salutation_id: Optional[str] = Field(alias="salutationId", default=None)
    signature_id: Optional[str] = Field(alias="signatureId", default=None)
    auto_response_ids: Optional[list[str]] = Field(
        alias="autoResponseIds", default=None
    )
    "At most one of each kind; replaces those before."


class RoleCreateInput(BaseModel):
    name: str
    permissions: list[str] = Field(default_factory=lambda: [])
    grants: list["GroupGrantInput"] = Field(default_factory=lambda: [])
    client_mutation_id: Optional[str] = Field(alias="clientMutationId", default=None)


class RoleUpdateInput(BaseModel):
    """Absent = unchanged, null = cleared."""

    name: Optional[str] = None
    active: Optional[bool] = None
    permissions: Optional[list[str]] = None
    "Replaces those before."
    grants: Optional[list["GroupGrantInput"]] = None
    "Each replaces the rights in its group; other groups stay as they are."


class SalutationCreateInput(BaseModel):
    name: str
    text: str


class SalutationUpdateInput(BaseModel):
    """Absent = unchanged."""

    name: Optional[str] = None
    text: Optional[str] = None
    active: Optional[bool] = None


class SignatureCreateInput(BaseModel):
    name: str
    text: str


class SignatureUpdateInput(BaseModel):
    """Absent = unchanged."""

    name: Optional[str] = None
    text: Optional[str] = None
    active: Optional[bool] = None


class StringFilter(BaseModel):
    """Match text. All given conditions must hold."""

    eq: Optional[str] = None
    in_: Optional[list[str]] = Field(alias="in", default=None)
    contains: Optional[str] = None
    "Case-insensitive substring, at least 2 characters."
    starts_with: Optional[str] = Field(alias="startsWith", default=None)


class SystemAddressCreateInput(BaseModel):
    address: str
    queue_id: str = Field(alias="queueId")
    display_name: Optional[str] = Field(alias="displayName", default=None)


class SystemAddressUpdateInput(BaseModel):
    """Absent = unchanged, null = cleared."""

    address: Optional[str] = None
    queue_id: Optional[str] = Field(alias="queueId", default=None)
    display_name: Optional[str] = Field(alias="displayName", default=None)
    active: Optional[bool] = None


class TemplateCreateInput(BaseModel):
    name: str
    kind: TemplateKind
    subject: Optional[str] = None
    body: str
    queue_ids: Optional[list[str]] = Field(alias="queueIds", default=None)
    "Where it is usable; everywhere when empty."


class TemplateUpdateInput(BaseModel):
    """Absent = unchanged, null = cleared."""

    name: Optional[str] = None
    kind: Optional[TemplateKind] = None
    subject: Optional[str] = None
    body: Optional[str] = None
    active: Optional[bool] = None
    queue_ids: Optional[list[str]] = Field(alias="queueIds", default=None)


class TicketCreateInput(BaseModel):
    """A new ticket. Packages add one optional field each."""

    title: str
    queue_id: str = Field(alias="queueId")
    state_id: Optional[str] = Field(alias="stateId", default=None)
    priority_id: Optional[str] = Field(alias="priorityId", default=None)
    type_id: Optional[str] = Field(alias="typeId", default=None)
    owner_id: Optional[str] = Field(alias="ownerId", default=None)
    responsible_id: Optional[str] = Field(alias="responsibleId", default=None)
    customer_user_id: Optional[str] = Field(alias="customerUserId", default=None)
    tags: Optional[list[str]] = None
    pending_until: Optional[datetime] = Field(alias="pendingUntil", default=None)
    article: "ArticleInput"
    "The request itself."
    client_mutation_id: Optional[str] = Field(alias="clientMutationId", default=None)
    "Idempotency key, unique per caller for 24 hours: a repeated create returns the first result."
    masterslave: Optional["MasterSlaveTicketInput"] = None


class TicketFilter(BaseModel):
    """All given conditions must hold; lists inside one condition are alternatives. Packages add one optional field each."""

    query: Optional[str] = None
    "Full text over number, title and articles."
    ids: Optional[list[str]] = None
    number: Optional["StringFilter"] = None
    title: Optional["StringFilter"] = None
    queue_id: Optional["IDFilter"] = Field(alias="queueId", default=None)
    include_sub_queues: Optional[bool] = Field(alias="includeSubQueues", default=False)
    "Include the sub-queues of `queueId`."
    state_id: Optional["IDFilter"] = Field(alias="stateId", default=None)
    state_type: Optional[list[TicketStateType]] = Field(alias="stateType", default=None)
    priority_id: Optional["IDFilter"] = Field(alias="priorityId", default=None)
    type_id: Optional["IDFilter"] = Field(alias="typeId", default=None)
    owner_id: Optional["IDFilter"] = Field(alias="ownerId", default=None)
    responsible_id: Optional["IDFilter"] = Field(alias="responsibleId", default=None)
    customer_user_id: Optional["IDFilter"] = Field(alias="customerUserId", default=None)
    customer_id: Optional["IDFilter"] = Field(alias="customerId", default=None)
    locked: Optional[bool] = None
    archived: Optional[bool] = False
    watched_by_viewer: Optional[bool] = Field(alias="watchedByViewer", default=None)
    tags_all: Optional[list[str]] = Field(alias="tagsAll", default=None)
    tags_any: Optional[list[str]] = Field(alias="tagsAny", default=None)
    created_at: Optional["DateTimeFilter"] = Field(alias="createdAt", default=None)
    updated_at: Optional["DateTimeFilter"] = Field(alias="updatedAt", default=None)
    closed_at: Optional["DateTimeFilter"] = Field(alias="closedAt", default=None)
    pending_until: Optional["DateTimeFilter"] = Field(
        alias="pendingUntil", default=None
    )
    any_of: Optional[list["TicketFilter"]] = Field(alias="anyOf", default=None)
    "At most 10 alternatives, one level."
    not_: Optional["TicketFilter"] = Field(alias="not", default=None)
    masterslave: Optional["MasterSlaveFilter"] = None


class TicketLinkInput(BaseModel):
    kind: str = "normal"
    "What the other ticket is to this one."
    ticket_id: str = Field(alias="ticketId")


class TicketOrder(BaseModel):
    """One sort key; ties are broken by id."""

    field: TicketOrderField
    direction: OrderDirection = OrderDirection.ASC


class TicketPriorityCreateInput(BaseModel):
    name: str
    rank: int
    "0 to 1000; higher is more urgent."
    color: Optional[str] = None
    "As `#rrggbb`."


class TicketPriorityUpdateInput(BaseModel):
    """Absent = unchanged, null = cleared."""

    name: Optional[str] = None
    rank: Optional[int] = None
    color: Optional[str] = None
    active: Optional[bool] = None


class TicketStateCreateInput(BaseModel):
    name: str
    type_: TicketStateType = Field(alias="type")


class TicketStateUpdateInput(BaseModel):
    """Absent = unchanged. A state's type stays for ever: behaviour hangs on it."""

    name: Optional[str] = None
    active: Optional[bool] = None


class TicketTypeCreateInput(BaseModel):
    name: str


class TicketTypeUpdateInput(BaseModel):
    """Absent = unchanged."""

    name: Optional[str] = None
    active: Optional[bool] = None


class TicketUpdateInput(BaseModel):
    """Absent = unchanged, null = cleared. Packages add one optional field each."""

    title: Optional[str] = None
    priority_id: Optional[str] = Field(alias="priorityId", default=None)
    type_id: Optional[str] = Field(alias="typeId", default=None)
    customer_user_id: Optional[str] = Field(alias="customerUserId", default=None)
    responsible_id: Optional[str] = Field(alias="responsibleId", default=None)
    state_id: Optional[str] = Field(alias="stateId", default=None)
    pending_until: Optional[datetime] = Field(alias="pendingUntil", default=None)


ArticleInput.model_rebuild()
FaqItemCreateInput.model_rebuild()
FaqItemFilter.model_rebuild()
FaqItemUpdateInput.model_rebuild()
MailFilterCreateInput.model_rebuild()
MailFilterUpdateInput.model_rebuild()
MasterSlaveFilter.model_rebuild()
RoleCreateInput.model_rebuild()
RoleUpdateInput.model_rebuild()
TicketCreateInput.model_rebuild()
TicketFilter.model_rebuild()
