"""An index for a queue's tickets in a state, newest first."""

from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("tessera", "0006_notifications")]

    operations = [
        ops.AddIndex("Ticket", Index(fields=("queue_id", "state_id", "created_at"), name="ticket_of_queue_state")),
    ]
