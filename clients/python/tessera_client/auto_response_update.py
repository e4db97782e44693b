from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import AutoResponseKind
from .fragments import UserErrorFields


class AutoResponseUpdate(BaseModel):
    auto_response_update: "AutoResponseUpdateAutoResponseUpdate" = Field(
        alias="autoResponseUpdate"
    )


class AutoResponseUpdateAutoResponseUpdate(BaseModel):
    auto_response: Optional["AutoResponseUpdateAutoResponseUpdateAutoResponse"] = Field(
        alias="autoResponse"
    )
    user_errors: list["AutoResponseUpdateAutoResponseUpdateUserErrors"] = Field(
        alias="userErrors"
    )


class AutoResponseUpdateAutoResponseUpdateAutoResponse(BaseModel):
    id: str
    name: str
    kind: AutoResponseKind
    subject: str
    text: str
    active: bool
    version: int


AutoResponseUpdateAutoResponseUpdateUserErrors = UserErrorFields
AutoResponseUpdate.model_rebuild()
AutoResponseUpdateAutoResponseUpdate.model_rebuild()
