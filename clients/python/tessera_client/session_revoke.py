from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import UserErrorFields


class SessionRevoke(BaseModel):
    session_revoke: "SessionRevokeSessionRevoke" = Field(alias="sessionRevoke")


class SessionRevokeSessionRevoke(BaseModel):
    id: Optional[str]
    user_errors: list["SessionRevokeSessionRevokeUserErrors"] = Field(
        alias="userErrors"
    )


SessionRevokeSessionRevokeUserErrors = UserErrorFields
SessionRevoke.model_rebuild()
SessionRevokeSessionRevoke.model_rebuild()
