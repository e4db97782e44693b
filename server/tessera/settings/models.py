"""Tables of the settings: only what differs from the declared defaults."""

from tortoise import fields

from tessera.kit.model import Versioned


class Override(Versioned):
    """The value of one setting where an administrator changed it, as JSON; without a value the default holds."""

    name = fields.CharField(max_length=200, unique=True)
    value = fields.TextField(null=True)

    class Meta:
        """One row per setting that was ever changed."""

        app = "tessera"
        table = "setting_override"
