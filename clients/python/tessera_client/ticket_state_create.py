from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import TicketStateType
from .fragments import UserErrorFields


class TicketStateCreate(BaseModel):
    ticket_state_create: "TicketStateCreateTicketStateCreate" = Field(
        alias="ticketStateCreate"
    )


class TicketStateCreateTicketStateCreate(BaseModel):
    ticket_state: Optional["TicketStateCreateTicketStateCreateTicketState"] = Field(
        alias="ticketState"
    )
    user_errors: list["TicketStateCreateTicketStateCreateUserErrors"] = Field(
        alias="userErrors"
    )


class TicketStateCreateTicketStateCreateTicketState(BaseModel):
    id: str
    name: str
    type_: TicketStateType = Field(alias="type")
    active: bool
    version: int


TicketStateCreateTicketStateCreateUserErrors = UserErrorFields
TicketStateCreate.model_rebuild()
TicketStateCreateTicketStateCreate.model_rebuild()
