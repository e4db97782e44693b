from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import JobFields, TicketFields, UserErrorFields


class TicketBulkUpdate(BaseModel):
    ticket_bulk_update: "TicketBulkUpdateTicketBulkUpdate" = Field(
        alias="ticketBulkUpdate"
    )


class TicketBulkUpdateTicketBulkUpdate(BaseModel):
    items: list["TicketBulkUpdateTicketBulkUpdateItems"]
    job: Optional["TicketBulkUpdateTicketBulkUpdateJob"]
    user_errors: list["TicketBulkUpdateTicketBulkUpdateUserErrors"] = Field(
        alias="userErrors"
    )


class TicketBulkUpdateTicketBulkUpdateItems(BaseModel):
    id: str
    ticket: Optional["TicketBulkUpdateTicketBulkUpdateItemsTicket"]
    user_errors: list["TicketBulkUpdateTicketBulkUpdateItemsUserErrors"] = Field(
        alias="userErrors"
    )


TicketBulkUpdateTicketBulkUpdateItemsTicket = TicketFields
TicketBulkUpdateTicketBulkUpdateItemsUserErrors = UserErrorFields
TicketBulkUpdateTicketBulkUpdateJob = JobFields
TicketBulkUpdateTicketBulkUpdateUserErrors = UserErrorFields
TicketBulkUpdate.model_rebuild()
TicketBulkUpdateTicketBulkUpdate.model_rebuild()
TicketBulkUpdateTicketBulkUpdateItems.model_rebuild()
