"""Indexes for the lists behind queues, people, agents and articles."""

from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("tessera", "0004_job_trace")]

    operations = [
        ops.AddIndex("Ticket", Index(fields=("queue_id", "created_at"), name="ticket_of_queue")),
        ops.AddIndex("Ticket", Index(fields=("owner_id", "created_at"), name="ticket_of_owner")),
        ops.AddIndex("Ticket", Index(fields=("customer_user_id", "created_at"), name="ticket_of_customer_user")),
        ops.AddIndex("Ticket", Index(fields=("customer_id", "created_at"), name="ticket_of_customer")),
        ops.AddIndex("Watcher", Index(fields=("agent_id",), name="ticket_watcher_agent")),
        ops.AddIndex("CustomerUser", Index(fields=("customer_id", "name_key"), name="customer_user_of_customer")),
        ops.AddIndex("Attachment", Index(fields=("article_id",), name="attachment_of_article")),
        ops.AddIndex("OutgoingMessage", Index(fields=("article_id",), name="outgoing_message_article")),
        ops.AddIndex("OutgoingMessage", Index(fields=("ticket_id",), name="outgoing_message_ticket")),
        ops.AddIndex("IncomingMessage", Index(fields=("article_id",), name="incoming_message_article")),
    ]
