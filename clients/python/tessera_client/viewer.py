from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import AgentFields


class Viewer(BaseModel):
    viewer: Optional["ViewerViewer"]


class ViewerViewer(BaseModel):
    agent: Optional["ViewerViewerAgent"]
    customer_user: Optional["ViewerViewerCustomerUser"] = Field(alias="customerUser")
    permissions: list[str]


ViewerViewerAgent = AgentFields


class ViewerViewerCustomerUser(BaseModel):
    id: str
    login: str
    name: str


Viewer.model_rebuild()
ViewerViewer.model_rebuild()
