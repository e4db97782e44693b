from pydantic import Field

from .base_model import BaseModel
from .fragments import SessionFields


class SessionCreate(BaseModel):
    session_create: "SessionCreateSessionCreate" = Field(alias="sessionCreate")


SessionCreateSessionCreate = SessionFields
SessionCreate.model_rebuild()
