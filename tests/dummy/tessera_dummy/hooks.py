"""What the dummy asks other slices."""

from tessera.plugin import hookspec


class Hooks:
    """Asked once per assembly."""

    @hookspec
    def dummy_words(self) -> list[str]:
        """Return words that a remark may end with."""
        raise NotImplementedError
