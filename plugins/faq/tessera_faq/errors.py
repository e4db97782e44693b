"""What may stand in the way of an item, a category, a vote."""

from tessera.kit.errors import Invalid, NotFound, Required, Taken, WrongState


class CategoryTaken(Taken):
    """Another category has this full name; facts: `path`."""

    reason = "faq.category_taken"
    sentence = "There is a category {path} already."


class CategoryName(Invalid):
    """The name could be read as part of a full name."""

    reason = "faq.category_name"
    sentence = "A category's name contains no ::, and neither begins nor ends with a colon."


class CategoryCycle(Invalid):
    """The parent lies inside the category; facts: `path`."""

    reason = "faq.category_cycle"
    sentence = "{path} is the category itself or lies inside it."


class CategoryInUse(WrongState):
    """Something active is in the category; facts: `path`."""

    reason = "faq.category_in_use"
    sentence = "{path} contains active categories or items. Switch them off or move them first."


class CategoryInactive(WrongState):
    """The category is switched off; facts: `path`."""

    reason = "faq.category_inactive"
    sentence = "The category {path} is switched off."


class GroupMissing(Required):
    """A category without a group would be seen by nobody."""

    reason = "faq.group_missing"
    sentence = "A category needs at least one group, whose agents see it."


class InvalidLanguage(Invalid):
    """This is no language, or none of the setting `faq.languages`; facts: `language`."""

    reason = "faq.language"
    sentence = "{language} is no language of the knowledge base."


class TranslationExists(Taken):
    """The item has a translation into this language, or is in it; facts: `language`, `number`."""

    reason = "faq.translation_exists"
    sentence = "Item {number} says the same in the language {language} already."


class UnknownField(Invalid):
    """No text of items has this name; facts: `name`, `known`."""

    reason = "faq.unknown_field"
    sentence = "There is no text {name}, only {known}."


class InvalidValidity(Invalid):
    """The end does not lie behind the beginning."""

    reason = "faq.validity"
    sentence = "The end of the validity must lie behind its beginning."


class InvalidVote(Invalid):
    """A vote is one of five marks."""

    reason = "faq.vote"
    sentence = "A vote is 0, 25, 50, 75 or 100."


class NotPublished(WrongState):
    """Only what readers see is voted on."""

    reason = "faq.not_published"
    sentence = "The item is not published: it is not approved, switched off, or not valid at this time."


class NothingToTake(WrongState):
    """The ticket holds nothing an item could be made of; facts: `number`."""

    reason = "faq.nothing_to_take"
    sentence = "Ticket {number} has neither a message of the customer nor an answer they see."


class LinkMissing(NotFound):
    """The item and the ticket are not linked; facts: `number`."""

    reason = "faq.link_missing"
    sentence = "The item is not linked with the ticket {number}."


class InvalidFields(Invalid):
    """The setting `faq.fields` does not describe texts; facts: `why`."""

    reason = "faq.invalid_fields"
    sentence = "The setting does not describe the texts of items: {why}"


class InvalidImport(Invalid):
    """A document of items cannot be imported; facts: `problems`, one a line."""

    reason = "faq.invalid_import"
    sentence = "Nothing was imported:\n{problems}"
