"""What of the kernel may be found by its words."""

from tessera.accounts import queries as accounts
from tessera.accounts.events import CustomerChanged, CustomerCreated, CustomerUserChanged, CustomerUserCreated
from tessera.articles.events import ArticleAdded, ArticlesMoved
from tessera.search import _people, _tickets
from tessera.search.hooks import Searchable
from tessera.tickets import queries as tickets
from tessera.tickets.events import TicketMerged, TitleChanged

TICKETS = Searchable(
    "ticket",
    "Ticket",
    visible=tickets.visible_to,
    texts=_tickets.texts,
    # a ticket is opened together with its first article
    stale_on=(ArticleAdded, ArticlesMoved, TicketMerged, TitleChanged),
    named=_tickets.named,
)
CUSTOMER_USERS = Searchable(
    "customer_user",
    "CustomerUser",
    visible=accounts.visible_customer_users,
    texts=_people.customer_user_texts,
    stale_on=(CustomerUserCreated, CustomerUserChanged),
)
CUSTOMERS = Searchable(
    "customer",
    "Customer",
    visible=accounts.visible_customers,
    texts=_people.customer_texts,
    stale_on=(CustomerCreated, CustomerChanged),
)

KINDS = (TICKETS, CUSTOMER_USERS, CUSTOMERS)
