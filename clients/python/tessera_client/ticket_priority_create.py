from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import UserErrorFields


class TicketPriorityCreate(BaseModel):
    ticket_priority_create: "TicketPriorityCreateTicketPriorityCreate" = Field(
        alias="ticketPriorityCreate"
    )


class TicketPriorityCreateTicketPriorityCreate(BaseModel):
    ticket_priority: Optional[
        "TicketPriorityCreateTicketPriorityCreateTicketPriority"
    ] = Field(alias="ticketPriority")
    user_errors: list["TicketPriorityCreateTicketPriorityCreateUserErrors"] = Field(
        alias="userErrors"
    )


class TicketPriorityCreateTicketPriorityCreateTicketPriority(BaseModel):
    id: str
    name: str
    rank: int
    color: Optional[str]
    active: bool
    version: int


TicketPriorityCreateTicketPriorityCreateUserErrors = UserErrorFields
TicketPriorityCreate.model_rebuild()
TicketPriorityCreateTicketPriorityCreate.model_rebuild()
