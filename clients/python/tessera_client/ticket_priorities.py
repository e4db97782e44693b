from pydantic import Field

from .base_model import BaseModel


class TicketPriorities(BaseModel):
    ticket_priorities: list["TicketPrioritiesTicketPriorities"] = Field(
        alias="ticketPriorities"
    )


class TicketPrioritiesTicketPriorities(BaseModel):
    id: str
    name: str
    rank: int
    active: bool


TicketPriorities.model_rebuild()
