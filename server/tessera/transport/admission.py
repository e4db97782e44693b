"""What every protocol asks before an operation runs: which document is meant, and whether its caller can afford it."""

from tessera.engine.documents import Prepared, Refused
from tessera.kit.buckets import Buckets
from tessera.transport.contexts import Context
from tessera.transport.limits import RateLimits, network_of
from tessera.transport.observer import Observer
from tessera.transport.operations import Engine
from tessera.transport.options import Options
from tessera.transport.persisted import Find, PersistedDocuments, nothing_imported
from tessera.transport.request import GraphQLRequest


class Admission:
    """Admits the operations of one schema, whichever protocol brings them."""

    def __init__(
        self,
        engine: Engine,
        options: Options,
        *,
        buckets: Buckets | None = None,
        find: Find = nothing_imported,
        observer: Observer | None = None,
    ) -> None:
        self.engine = engine
        self.observer = observer or Observer()
        self.documents = PersistedDocuments(options.documents, find)
        self.limits = RateLimits(buckets or Buckets(), options)

    async def admit(self, request: GraphQLRequest, context: Context, peer: str | None) -> Prepared:
        """Return the operation and note in the request what it was charged; raise Refused."""
        network = network_of(peer)
        caller = context.payer or network
        try:
            text = await self.documents.text_of(request)
            if not self.engine.remembers(text):
                self.limits.prepare(caller)
            prepared = self.engine.prepare(text, request.operation_name, request.variables)
            self.documents.register(request)
            request.charge = self.limits.charge(prepared, request.variables, caller, network)
        except Refused as refused:
            self.observer.refused(refused)
            raise
        return prepared
