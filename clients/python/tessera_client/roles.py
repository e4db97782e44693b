from .base_model import BaseModel
from .fragments import RoleFields


class Roles(BaseModel):
    roles: list["RolesRoles"]


RolesRoles = RoleFields
Roles.model_rebuild()
