from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import QueueFields, UserErrorFields


class QueueUpdate(BaseModel):
    queue_update: "QueueUpdateQueueUpdate" = Field(alias="queueUpdate")


class QueueUpdateQueueUpdate(BaseModel):
    queue: Optional["QueueUpdateQueueUpdateQueue"]
    user_errors: list["QueueUpdateQueueUpdateUserErrors"] = Field(alias="userErrors")


QueueUpdateQueueUpdateQueue = QueueFields
QueueUpdateQueueUpdateUserErrors = UserErrorFields
QueueUpdate.model_rebuild()
QueueUpdateQueueUpdate.model_rebuild()
