"""What administrators may change about the knowledge base."""

from typing import Any

from tessera.plugin import Setting
from tessera_faq._words import SENTENCES

APPROVAL_REQUIRED = Setting(
    "faq.approval_required",
    bool,
    default=False,
    sentence="Whether FAQ items are seen by readers only once somebody approved them; a changed item asks again.",
)
LANGUAGES: Setting[list[Any]] = Setting(
    "faq.languages",
    list,
    default=[],
    sentence="Languages in which FAQ items may be written, for example `en` and `de`; none means any.",
)
FIELDS: Setting[list[Any]] = Setting(
    "faq.fields",
    list,
    default=[
        {"name": "symptom", "label": SENTENCES["symptom"], "audience": "public"},
        {"name": "problem", "label": SENTENCES["problem"], "audience": "public"},
        {"name": "solution", "label": SENTENCES["solution"], "audience": "public"},
        {"name": "comment", "label": SENTENCES["comment"], "audience": "internal"},
    ],
    sentence=(
        "The texts of FAQ items in their order: objects with `name` (symptom, problem, solution, field4, field5 or "
        "comment), `label` and `audience` (internal, external or public). Those left out are kept but not shown."
    ),
)
LINK = Setting(
    "faq.link",
    str,
    default="",
    sentence=(
        "Where readers find an FAQ item, with {number} in the address, for example "
        "`https://help.example.com/faq/{number}`; empty: this server's own page of public items."
    ),
)
