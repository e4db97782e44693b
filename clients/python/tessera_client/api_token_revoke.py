from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import UserErrorFields


class ApiTokenRevoke(BaseModel):
    api_token_revoke: "ApiTokenRevokeApiTokenRevoke" = Field(alias="apiTokenRevoke")


class ApiTokenRevokeApiTokenRevoke(BaseModel):
    id: Optional[str]
    user_errors: list["ApiTokenRevokeApiTokenRevokeUserErrors"] = Field(
        alias="userErrors"
    )


ApiTokenRevokeApiTokenRevokeUserErrors = UserErrorFields
ApiTokenRevoke.model_rebuild()
ApiTokenRevokeApiTokenRevoke.model_rebuild()
