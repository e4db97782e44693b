from pydantic import Field

from .base_model import BaseModel
from .fragments import AgentFields, PageFields


class Agents(BaseModel):
    agents: "AgentsAgents"


class AgentsAgents(BaseModel):
    nodes: list["AgentsAgentsNodes"]
    page_info: "AgentsAgentsPageInfo" = Field(alias="pageInfo")


class AgentsAgentsNodes(AgentFields):
    active: bool


AgentsAgentsPageInfo = PageFields
Agents.model_rebuild()
AgentsAgents.model_rebuild()
