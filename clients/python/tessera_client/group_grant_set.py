from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import AgentFields, RoleFields, UserErrorFields


class GroupGrantSet(BaseModel):
    group_grant_set: "GroupGrantSetGroupGrantSet" = Field(alias="groupGrantSet")


class GroupGrantSetGroupGrantSet(BaseModel):
    role: Optional["GroupGrantSetGroupGrantSetRole"]
    agent: Optional["GroupGrantSetGroupGrantSetAgent"]
    user_errors: list["GroupGrantSetGroupGrantSetUserErrors"] = Field(
        alias="userErrors"
    )


GroupGrantSetGroupGrantSetRole = RoleFields
GroupGrantSetGroupGrantSetAgent = AgentFields
GroupGrantSetGroupGrantSetUserErrors = UserErrorFields
GroupGrantSet.model_rebuild()
GroupGrantSetGroupGrantSet.model_rebuild()
