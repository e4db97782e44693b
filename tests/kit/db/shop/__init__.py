"""A little app with a long migration history."""

from tessera.kit.db import App

SHOP = App("shop", ("tests.kit.db.shop.models",), "tests.kit.db.shop.migrations")
