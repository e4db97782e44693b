from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import RoleFields, UserErrorFields


class RoleUpdate(BaseModel):
    role_update: "RoleUpdateRoleUpdate" = Field(alias="roleUpdate")


class RoleUpdateRoleUpdate(BaseModel):
    role: Optional["RoleUpdateRoleUpdateRole"]
    user_errors: list["RoleUpdateRoleUpdateUserErrors"] = Field(alias="userErrors")


RoleUpdateRoleUpdateRole = RoleFields
RoleUpdateRoleUpdateUserErrors = UserErrorFields
RoleUpdate.model_rebuild()
RoleUpdateRoleUpdate.model_rebuild()
