from .base_model import BaseModel
from .fragments import QueueFields


class Queues(BaseModel):
    queues: list["QueuesQueues"]


QueuesQueues = QueueFields
Queues.model_rebuild()
