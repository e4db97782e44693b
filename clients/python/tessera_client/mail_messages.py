from datetime import datetime
from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import MailMessageState
from .fragments import PageFields


class MailMessages(BaseModel):
    mail_messages: "MailMessagesMailMessages" = Field(alias="mailMessages")


class MailMessagesMailMessages(BaseModel):
    nodes: list["MailMessagesMailMessagesNodes"]
    page_info: "MailMessagesMailMessagesPageInfo" = Field(alias="pageInfo")


class MailMessagesMailMessagesNodes(BaseModel):
    id: str
    state: MailMessageState
    reason: Optional[str]
    source: str
    subject: str
    from_: str = Field(alias="from")
    received_at: datetime = Field(alias="receivedAt")
    raw_url: str = Field(alias="rawUrl")


MailMessagesMailMessagesPageInfo = PageFields
MailMessages.model_rebuild()
MailMessagesMailMessages.model_rebuild()
