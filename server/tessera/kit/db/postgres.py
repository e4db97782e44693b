"""The PostgreSQL engine: Tortoise's asyncpg client with transaction blocks that stay true."""

from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import TransactionContext

from tessera.kit.db.transactions import PooledContext, SavepointContext


class PostgresTransaction(TransactionWrapper):
    """One transaction on one connection."""

    doom: BaseException | None = None

    def _in_transaction(self) -> TransactionContext:
        return SavepointContext(PostgresTransaction(self), outer=self)


class PostgresClient(AsyncpgDBClient):
    """A pool of connections to one PostgreSQL database."""

    def _in_transaction(self) -> TransactionContext:
        return PooledContext(PostgresTransaction(self), self._pool_init_lock)


client_class = PostgresClient
