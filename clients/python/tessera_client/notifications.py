from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import NotificationFields, PageFields


class Notifications(BaseModel):
    viewer: Optional["NotificationsViewer"]


class NotificationsViewer(BaseModel):
    notifications: "NotificationsViewerNotifications"


class NotificationsViewerNotifications(BaseModel):
    nodes: list["NotificationsViewerNotificationsNodes"]
    page_info: "NotificationsViewerNotificationsPageInfo" = Field(alias="pageInfo")
    total_count: int = Field(alias="totalCount")


NotificationsViewerNotificationsNodes = NotificationFields
NotificationsViewerNotificationsPageInfo = PageFields
Notifications.model_rebuild()
NotificationsViewer.model_rebuild()
NotificationsViewerNotifications.model_rebuild()
