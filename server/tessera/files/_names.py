"""Names and types that senders give their files, and how a file is handed out; pure."""

import re
import sys
import unicodedata
from urllib.parse import quote

MAX_NAME = 255
MAX_TYPE = 200
UNNAMED = "file"
UNTYPED = "application/octet-stream"
PICTURES = frozenset({"image/gif", "image/jpeg", "image/png", "image/webp"})

_WORD = r"[A-Za-z0-9!#$&^_.+-]{1,100}"
_AROUND = "." + "".join(filter(str.isspace, map(chr, range(sys.maxunicode + 1))))
"""What is taken away around a name: dots, and spaces of every kind."""
_TYPE = re.compile(rf"{_WORD}/{_WORD}")


def safe_name(name: str | None) -> str:
    """Return a file's own name, without folders and control characters, at most 255 characters long."""
    last = re.split(r"[/\\]", (name or "").strip())[-1]
    kept = "".join(character for character in last if unicodedata.category(character) not in {"Cc", "Cs", "Zl", "Zp"})
    shown = kept.strip(_AROUND)
    if len(shown) <= MAX_NAME:
        return shown or UNNAMED
    stem, dot, ending = shown.rpartition(".")
    room = MAX_NAME - len(dot + ending)
    return stem[:room] + dot + ending if room > 0 and stem else shown[:MAX_NAME].strip(_AROUND)


def safe_type(content_type: str | None) -> str:
    """Return a media type without parameters in lower case, `application/octet-stream` for nonsense."""
    media = (content_type or "").partition(";")[0].strip()
    return media.lower() if len(media) <= MAX_TYPE and _TYPE.fullmatch(media) else UNTYPED


def disposition(name: str, content_type: str) -> str:
    """Return the Content-Disposition of a file: pictures may be shown in a page, everything else is saved."""
    how = "inline" if content_type in PICTURES else "attachment"
    plain = re.sub(r"[^A-Za-z0-9 ._()-]", "_", name)
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
