from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import TicketStateType
from .fragments import UserErrorFields


class TicketStateUpdate(BaseModel):
    ticket_state_update: "TicketStateUpdateTicketStateUpdate" = Field(
        alias="ticketStateUpdate"
    )


class TicketStateUpdateTicketStateUpdate(BaseModel):
    ticket_state: Optional["TicketStateUpdateTicketStateUpdateTicketState"] = Field(
        alias="ticketState"
    )
    user_errors: list["TicketStateUpdateTicketStateUpdateUserErrors"] = Field(
        alias="userErrors"
    )


class TicketStateUpdateTicketStateUpdateTicketState(BaseModel):
    id: str
    name: str
    type_: TicketStateType = Field(alias="type")
    active: bool
    version: int


TicketStateUpdateTicketStateUpdateUserErrors = UserErrorFields
TicketStateUpdate.model_rebuild()
TicketStateUpdateTicketStateUpdate.model_rebuild()
