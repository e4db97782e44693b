from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import AgentFields, UserErrorFields


class AgentUpdate(BaseModel):
    agent_update: "AgentUpdateAgentUpdate" = Field(alias="agentUpdate")


class AgentUpdateAgentUpdate(BaseModel):
    agent: Optional["AgentUpdateAgentUpdateAgent"]
    user_errors: list["AgentUpdateAgentUpdateUserErrors"] = Field(alias="userErrors")


class AgentUpdateAgentUpdateAgent(AgentFields):
    email: Optional[str]
    active: bool
    locale: str
    timezone: str
    version: int


AgentUpdateAgentUpdateUserErrors = UserErrorFields
AgentUpdate.model_rebuild()
AgentUpdateAgentUpdate.model_rebuild()
