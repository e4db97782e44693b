from pydantic import Field

from .base_model import BaseModel
from .fragments import SessionFields


class SessionRefresh(BaseModel):
    session_refresh: "SessionRefreshSessionRefresh" = Field(alias="sessionRefresh")


SessionRefreshSessionRefresh = SessionFields
SessionRefresh.model_rebuild()
