from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import UserErrorFields


class TicketPriorityUpdate(BaseModel):
    ticket_priority_update: "TicketPriorityUpdateTicketPriorityUpdate" = Field(
        alias="ticketPriorityUpdate"
    )


class TicketPriorityUpdateTicketPriorityUpdate(BaseModel):
    ticket_priority: Optional[
        "TicketPriorityUpdateTicketPriorityUpdateTicketPriority"
    ] = Field(alias="ticketPriority")
    user_errors: list["TicketPriorityUpdateTicketPriorityUpdateUserErrors"] = Field(
        alias="userErrors"
    )


class TicketPriorityUpdateTicketPriorityUpdateTicketPriority(BaseModel):
    id: str
    name: str
    rank: int
    color: Optional[str]
    active: bool
    version: int


TicketPriorityUpdateTicketPriorityUpdateUserErrors = UserErrorFields
TicketPriorityUpdate.model_rebuild()
TicketPriorityUpdateTicketPriorityUpdate.model_rebuild()
