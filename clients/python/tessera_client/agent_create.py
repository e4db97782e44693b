from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import AgentFields, UserErrorFields


class AgentCreate(BaseModel):
    agent_create: "AgentCreateAgentCreate" = Field(alias="agentCreate")


class AgentCreateAgentCreate(BaseModel):
    agent: Optional["AgentCreateAgentCreateAgent"]
    user_errors: list["AgentCreateAgentCreateUserErrors"] = Field(alias="userErrors")


class AgentCreateAgentCreateAgent(AgentFields):
    email: Optional[str]
    active: bool
    locale: str
    timezone: str
    version: int


AgentCreateAgentCreateUserErrors = UserErrorFields
AgentCreate.model_rebuild()
AgentCreateAgentCreate.model_rebuild()
