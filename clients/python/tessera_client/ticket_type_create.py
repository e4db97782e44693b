from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import UserErrorFields


class TicketTypeCreate(BaseModel):
    ticket_type_create: "TicketTypeCreateTicketTypeCreate" = Field(
        alias="ticketTypeCreate"
    )


class TicketTypeCreateTicketTypeCreate(BaseModel):
    ticket_type: Optional["TicketTypeCreateTicketTypeCreateTicketType"] = Field(
        alias="ticketType"
    )
    user_errors: list["TicketTypeCreateTicketTypeCreateUserErrors"] = Field(
        alias="userErrors"
    )


class TicketTypeCreateTicketTypeCreateTicketType(BaseModel):
    id: str
    name: str
    active: bool
    version: int


TicketTypeCreateTicketTypeCreateUserErrors = UserErrorFields
TicketTypeCreate.model_rebuild()
TicketTypeCreateTicketTypeCreate.model_rebuild()
