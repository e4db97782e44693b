from pydantic import Field

from .base_model import BaseModel
from .enums import TicketStateType


class TicketStates(BaseModel):
    ticket_states: list["TicketStatesTicketStates"] = Field(alias="ticketStates")


class TicketStatesTicketStates(BaseModel):
    id: str
    name: str
    type_: TicketStateType = Field(alias="type")
    active: bool


TicketStates.model_rebuild()
