from pydantic import Field

from .base_model import BaseModel
from .fragments import UserErrorFields


class NotificationsMarkRead(BaseModel):
    notifications_mark_read: "NotificationsMarkReadNotificationsMarkRead" = Field(
        alias="notificationsMarkRead"
    )


class NotificationsMarkReadNotificationsMarkRead(BaseModel):
    user_errors: list["NotificationsMarkReadNotificationsMarkReadUserErrors"] = Field(
        alias="userErrors"
    )


NotificationsMarkReadNotificationsMarkReadUserErrors = UserErrorFields
NotificationsMarkRead.model_rebuild()
NotificationsMarkReadNotificationsMarkRead.model_rebuild()
