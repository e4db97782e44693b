from .base_model import BaseModel
from .fragments import NotificationFields


class NotificationAdded(BaseModel):
    notifications: "NotificationAddedNotifications"


NotificationAddedNotifications = NotificationFields
NotificationAdded.model_rebuild()
