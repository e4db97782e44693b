from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import QueueFields, UserErrorFields


class QueueCreate(BaseModel):
    queue_create: "QueueCreateQueueCreate" = Field(alias="queueCreate")


class QueueCreateQueueCreate(BaseModel):
    queue: Optional["QueueCreateQueueCreateQueue"]
    user_errors: list["QueueCreateQueueCreateUserErrors"] = Field(alias="userErrors")


QueueCreateQueueCreateQueue = QueueFields
QueueCreateQueueCreateUserErrors = UserErrorFields
QueueCreate.model_rebuild()
QueueCreateQueueCreate.model_rebuild()
