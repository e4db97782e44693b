"""Address headers become names and addresses, however they are broken."""

import re
from typing import NamedTuple

from tessera.mail._headers import header_text

# Every repetition is bounded or possessive: hostile headers cost linear time.
_TOKEN = re.compile(
    r"(?P<encoded>=\?[^?\s]{1,60}\?[bBqQ]\?[^?]{0,500}\?=)"
    r'|"(?P<quoted>(?:[^"\\]|\\.){0,256}+)"'
    r"|<(?P<angle>[^<>]{0,1000})>"
    r"|\((?P<comment>(?:[^()\\]|\\.){0,500}+)\)"
    r"|(?P<separator>[,;:])"
    r"|(?P<blank>\s+)"
    r'|(?P<word>[^\s,;:<>()"=]+|.)',
    re.DOTALL,
)
_ADDRESS = re.compile(
    r'("(?:[^"\\<>,;\x00-\x1f]|\\[ -+.-:=?-~]){1,64}"'
    r'|(?<![^\s<>()\[\],;:"@\\])[^\s<>()\[\],;:"@\\]{1,256})'
    r'@([^\s<>()"@,;:\\\[\]]{1,255}|\[[^\[\]\\\s<>,;]{1,60}\])'
)
_MAX_ADDRESSES = 2000


class Address(NamedTuple):
    """A display name (may be empty) and a bare address, `local@domain`, as written."""

    name: str
    address: str


class _Item:
    """One address between two separators, while it is read."""

    def __init__(self) -> None:
        self.phrase: list[str] = []
        self.literal: list[str] = []
        self.comments: list[str] = []
        self.angle = ""

    def add(self, kind: str, text: str) -> None:
        if kind == "angle":
            self.angle = self.angle if "@" in self.angle else text
        elif kind == "comment":
            self.comments.append(text)
        elif text != '"':  # an unbalanced quote means nothing
            self.phrase.append(re.sub(r"\\(.)", r"\1", text) if kind == "quoted" else text)
            self.literal.append(f'"{text}"' if kind == "quoted" else text)

    def read(self, before: str) -> Address | None:
        """Tell the address; `before` is a name that an unquoted comma cut off."""
        name = _name("".join(self.phrase))
        found = _ADDRESS.search(self.angle)
        if found:
            name = f"{before}, {name}" if before and name else name
            return Address(name or self._comment(), _bare(found))
        literal = "".join(self.literal)
        found = _ADDRESS.search(literal)
        if found:
            around = _name(literal[: found.start()] + literal[found.end() :]).strip("\"'<> ")
            return Address(around or self._comment(), _bare(found))
        found = _ADDRESS.search(" ".join(self.comments))
        return Address(name, _bare(found)) if found else None

    def _comment(self) -> str:
        return _name(" ".join(self.comments))


def addresses(value: str) -> tuple[Address, ...]:
    """Read an address list; what has no `local@domain` is left out. Groups are opened, comments serve as names."""
    found = _read(value)
    if not found and "=?" in value:
        # some senders encode the whole header, address and all
        found = _read(header_text(value))
    return tuple(found)


def _read(value: str) -> list[Address]:
    found: list[Address] = []
    item, before = _Item(), ""
    for match in _TOKEN.finditer(value):
        kind = str(match.lastgroup)
        if kind != "separator":
            item.add(kind, match[kind])
        elif match[0] == ":" and not item.angle:
            item = _Item()  # a group's name
        else:
            before = _finish(item, before, found)
            item = _Item()
        if len(found) >= _MAX_ADDRESSES:
            return found
    _finish(item, before, found)
    return found


def _finish(item: _Item, before: str, found: list[Address]) -> str:
    address = item.read(before)
    if address is None:
        return _name("".join(item.phrase))
    found.append(address)
    return ""


def _name(phrase: str) -> str:
    return re.sub(r"\s{2,}", " ", header_text(phrase)).strip()


def _bare(match: re.Match[str]) -> str:
    return match[0].strip("'")


def written(address: Address | None) -> str:
    """Write an address as people do, `Name <local@domain>`, so that `addresses` reads the same again."""
    if address is None:
        return ""
    name = re.sub(r"\s+", " ", address.name).strip()
    if not name:
        return address.address
    if re.search(r"[^\w .!#$%&\'*+/?^`{|}~-]", name):
        escaped = re.sub(r'(["\\])', r"\\\1", name)
        name = f'"{escaped}"'
    return f"{name} <{address.address}>"
