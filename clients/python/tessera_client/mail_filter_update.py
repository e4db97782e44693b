from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import UserErrorFields


class MailFilterUpdate(BaseModel):
    mail_filter_update: "MailFilterUpdateMailFilterUpdate" = Field(
        alias="mailFilterUpdate"
    )


class MailFilterUpdateMailFilterUpdate(BaseModel):
    mail_filter: Optional["MailFilterUpdateMailFilterUpdateMailFilter"] = Field(
        alias="mailFilter"
    )
    user_errors: list["MailFilterUpdateMailFilterUpdateUserErrors"] = Field(
        alias="userErrors"
    )


class MailFilterUpdateMailFilterUpdateMailFilter(BaseModel):
    id: str
    name: str
    position: int
    stops: bool
    active: bool
    version: int


MailFilterUpdateMailFilterUpdateUserErrors = UserErrorFields
MailFilterUpdate.model_rebuild()
MailFilterUpdateMailFilterUpdate.model_rebuild()
