from datetime import datetime
from typing import Optional

from pydantic import Field

from .base_model import BaseModel


class ApiTokens(BaseModel):
    api_tokens: list["ApiTokensApiTokens"] = Field(alias="apiTokens")


class ApiTokensApiTokens(BaseModel):
    id: str
    name: str
    scopes: list[str]
    created_at: datetime = Field(alias="createdAt")
    last_used_at: Optional[datetime] = Field(alias="lastUsedAt")
    expires_at: Optional[datetime] = Field(alias="expiresAt")


ApiTokens.model_rebuild()
