from datetime import datetime
from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import (
    ActorKind,
    ArticleSenderType,
    FollowUpPolicy,
    JobState,
    QueueRight,
    TicketStateType,
    UserErrorCode,
)


class ActorFields(BaseModel):
    kind: ActorKind
    name: str


class AgentFields(BaseModel):
    id: str
    login: str
    name: str


class AttachmentFields(BaseModel):
    id: str
    filename: str
    content_type: str = Field(alias="contentType")
    size: int
    sha_256: str = Field(alias="sha256")
    inline: bool
    download_url: str = Field(alias="downloadUrl")


class ArticleFields(BaseModel):
    id: str
    number: int
    channel: str
    sender_type: ArticleSenderType = Field(alias="senderType")
    visible_for_customer: bool = Field(alias="visibleForCustomer")
    author: "ArticleFieldsAuthor"
    from_: Optional[str] = Field(alias="from")
    to: list[str]
    cc: list[str]
    subject: Optional[str]
    body: str
    body_html: Optional[str] = Field(alias="bodyHtml")
    message_id: Optional[str] = Field(alias="messageId")
    in_reply_to: Optional["ArticleFieldsInReplyTo"] = Field(alias="inReplyTo")
    attachments: list["ArticleFieldsAttachments"]
    created_at: datetime = Field(alias="createdAt")


class ArticleFieldsAuthor(ActorFields):
    pass


class ArticleFieldsInReplyTo(BaseModel):
    id: str
    number: int


class ArticleFieldsAttachments(AttachmentFields):
    pass


class TicketFields(BaseModel):
    id: str
    number: str
    title: str
    queue: "TicketFieldsQueue"
    state: "TicketFieldsState"
    priority: "TicketFieldsPriority"
    type_: Optional["TicketFieldsType"] = Field(alias="type")
    owner: Optional["TicketFieldsOwner"]
    responsible: Optional["TicketFieldsResponsible"]
    customer_user: Optional["TicketFieldsCustomerUser"] = Field(alias="customerUser")
    customer: Optional["TicketFieldsCustomer"]
    lock: Optional["TicketFieldsLock"]
    tags: list[str]
    pending_until: Optional[datetime] = Field(alias="pendingUntil")
    merged_into: Optional["TicketFieldsMergedInto"] = Field(alias="mergedInto")
    viewer_can: "TicketFieldsViewerCan" = Field(alias="viewerCan")
    viewer_is_watching: bool = Field(alias="viewerIsWatching")
    viewer_last_seen_at: Optional[datetime] = Field(alias="viewerLastSeenAt")
    version: int
    created_at: datetime = Field(alias="createdAt")
    updated_at: datetime = Field(alias="updatedAt")
    closed_at: Optional[datetime] = Field(alias="closedAt")


class TicketFieldsQueue(BaseModel):
    id: str
    path: str


class TicketFieldsState(BaseModel):
    id: str
    name: str
    type_: TicketStateType = Field(alias="type")


class TicketFieldsPriority(BaseModel):
    id: str
    name: str
    rank: int


class TicketFieldsType(BaseModel):
    id: str
    name: str


class TicketFieldsOwner(AgentFields):
    pass


class TicketFieldsResponsible(AgentFields):
    pass


class TicketFieldsCustomerUser(BaseModel):
    id: str
    login: str
    name: str
    email: Optional[str]


class TicketFieldsCustomer(BaseModel):
    id: str
    number: str
    name: str


class TicketFieldsLock(BaseModel):
    holder: "TicketFieldsLockHolder"
    since: datetime
    expires_at: Optional[datetime] = Field(alias="expiresAt")


class TicketFieldsLockHolder(AgentFields):
    pass


class TicketFieldsMergedInto(BaseModel):
    id: str
    number: str


class TicketFieldsViewerCan(BaseModel):
    update: bool
    move: bool
    assign: bool
    lock: bool
    close: bool
    reply: bool
    note: bool
    priority: bool
    merge: bool


class UserErrorFields(BaseModel):
    message: str
    code: UserErrorCode
    field: Optional[list[str]]
    reason: Optional[str]


class ArticlePayloadFields(BaseModel):
    article: Optional["ArticlePayloadFieldsArticle"]
    ticket: Optional["ArticlePayloadFieldsTicket"]
    user_errors: list["ArticlePayloadFieldsUserErrors"] = Field(alias="userErrors")
    client_mutation_id: Optional[str] = Field(alias="clientMutationId")


class ArticlePayloadFieldsArticle(ArticleFields):
    pass


class ArticlePayloadFieldsTicket(TicketFields):
    pass


class ArticlePayloadFieldsUserErrors(UserErrorFields):
    pass


class GroupFields(BaseModel):
    id: str
    name: str
    active: bool
    version: int


class JobFields(BaseModel):
    id: str
    kind: str
    state: JobState
    progress: float
    attempts: int
    created_at: datetime = Field(alias="createdAt")
    finished_at: Optional[datetime] = Field(alias="finishedAt")
    error: Optional[str]
    result_url: Optional[str] = Field(alias="resultUrl")


class NotificationFields(BaseModel):
    id: str
    kind: str
    title: str
    ticket: Optional["NotificationFieldsTicket"]
    created_at: datetime = Field(alias="createdAt")
    read_at: Optional[datetime] = Field(alias="readAt")


class NotificationFieldsTicket(BaseModel):
    id: str
    number: str


class PageFields(BaseModel):
    has_next_page: bool = Field(alias="hasNextPage")
    has_previous_page: bool = Field(alias="hasPreviousPage")
    start_cursor: Optional[str] = Field(alias="startCursor")
    end_cursor: Optional[str] = Field(alias="endCursor")


class QueueFields(BaseModel):
    id: str
    name: str
    path: str
    active: bool
    email_address: Optional[str] = Field(alias="emailAddress")
    follow_up_policy: FollowUpPolicy = Field(alias="followUpPolicy")
    parent: Optional["QueueFieldsParent"]
    viewer_can: "QueueFieldsViewerCan" = Field(alias="viewerCan")
    version: int


class QueueFieldsParent(BaseModel):
    id: str


class QueueFieldsViewerCan(BaseModel):
    ro: bool
    move_into: bool = Field(alias="moveInto")
    create: bool
    note: bool
    owner: bool
    priority: bool
    rw: bool


class RoleFields(BaseModel):
    id: str
    name: str
    active: bool
    permissions: list[str]
    grants: list["RoleFieldsGrants"]
    version: int


class RoleFieldsGrants(BaseModel):
    group: "RoleFieldsGrantsGroup"
    rights: list[QueueRight]


class RoleFieldsGrantsGroup(BaseModel):
    id: str
    name: str


class SessionFields(BaseModel):
    access_token: Optional[str] = Field(alias="accessToken")
    refresh_token: Optional[str] = Field(alias="refreshToken")
    expires_at: Optional[datetime] = Field(alias="expiresAt")
    otp_required: bool = Field(alias="otpRequired")
    user_errors: list["SessionFieldsUserErrors"] = Field(alias="userErrors")


class SessionFieldsUserErrors(UserErrorFields):
    pass


class TicketEventFields(BaseModel):
    id: str
    kind: str
    at: datetime
    actor: "TicketEventFieldsActor"
    article: Optional["TicketEventFieldsArticle"]
    changes: list["TicketEventFieldsChanges"]
    summary: str


class TicketEventFieldsActor(ActorFields):
    pass


class TicketEventFieldsArticle(BaseModel):
    id: str
    number: int


class TicketEventFieldsChanges(BaseModel):
    field: str
    before: Optional[str]
    after: Optional[str]


class TicketPayloadFields(BaseModel):
    ticket: Optional["TicketPayloadFieldsTicket"]
    user_errors: list["TicketPayloadFieldsUserErrors"] = Field(alias="userErrors")
    client_mutation_id: Optional[str] = Field(alias="clientMutationId")


class TicketPayloadFieldsTicket(TicketFields):
    pass


class TicketPayloadFieldsUserErrors(UserErrorFields):
    pass


class TicketStoryFields(TicketFields):
    articles: "TicketStoryFieldsArticles"
    history: "TicketStoryFieldsHistory"
    links: list["TicketStoryFieldsLinks"]
    watchers: list["TicketStoryFieldsWatchers"]


class TicketStoryFieldsArticles(BaseModel):
    nodes: list["TicketStoryFieldsArticlesNodes"]
    page_info: "TicketStoryFieldsArticlesPageInfo" = Field(alias="pageInfo")
    total_count: int = Field(alias="totalCount")


class TicketStoryFieldsArticlesNodes(ArticleFields):
    pass


class TicketStoryFieldsArticlesPageInfo(PageFields):
    pass


class TicketStoryFieldsHistory(BaseModel):
    nodes: list["TicketStoryFieldsHistoryNodes"]
    page_info: "TicketStoryFieldsHistoryPageInfo" = Field(alias="pageInfo")
    total_count: int = Field(alias="totalCount")


class TicketStoryFieldsHistoryNodes(TicketEventFields):
    pass


class TicketStoryFieldsHistoryPageInfo(PageFields):
    pass


class TicketStoryFieldsLinks(BaseModel):
    kind: str
    ticket: "TicketStoryFieldsLinksTicket"


class TicketStoryFieldsLinksTicket(BaseModel):
    id: str
    number: str
    title: str


class TicketStoryFieldsWatchers(AgentFields):
    pass


ActorFields.model_rebuild()
AgentFields.model_rebuild()
AttachmentFields.model_rebuild()
ArticleFields.model_rebuild()
TicketFields.model_rebuild()
UserErrorFields.model_rebuild()
ArticlePayloadFields.model_rebuild()
GroupFields.model_rebuild()
JobFields.model_rebuild()
NotificationFields.model_rebuild()
PageFields.model_rebuild()
QueueFields.model_rebuild()
RoleFields.model_rebuild()
SessionFields.model_rebuild()
TicketEventFields.model_rebuild()
TicketPayloadFields.model_rebuild()
TicketStoryFields.model_rebuild()
