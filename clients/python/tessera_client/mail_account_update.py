from datetime import datetime
from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import MailProtocol, MailSecurity
from .fragments import UserErrorFields


class MailAccountUpdate(BaseModel):
    mail_account_update: "MailAccountUpdateMailAccountUpdate" = Field(
        alias="mailAccountUpdate"
    )


class MailAccountUpdateMailAccountUpdate(BaseModel):
    mail_account: Optional["MailAccountUpdateMailAccountUpdateMailAccount"] = Field(
        alias="mailAccount"
    )
    user_errors: list["MailAccountUpdateMailAccountUpdateUserErrors"] = Field(
        alias="userErrors"
    )


class MailAccountUpdateMailAccountUpdateMailAccount(BaseModel):
    id: str
    name: str
    protocol: MailProtocol
    host: str
    port: int
    security: MailSecurity
    login: str
    folder: str
    trusted: bool
    active: bool
    checked_at: Optional[datetime] = Field(alias="checkedAt")
    problem: Optional[str]
    version: int


MailAccountUpdateMailAccountUpdateUserErrors = UserErrorFields
MailAccountUpdate.model_rebuild()
MailAccountUpdateMailAccountUpdate.model_rebuild()
