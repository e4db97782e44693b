"""Text and HTML, one from the other, safe to show and to search, in bounded time for hostile input."""

import html
import re
import unicodedata

import nh3
from inscriptis import get_text
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig

_TAGS = nh3.ALLOWED_TAGS | {"center", "font", "u"}
_COMMON = {"align", "bgcolor", "color", "dir", "height", "lang", "style", "title", "valign", "width"}
_CELL = {"colspan", "rowspan"}
_ATTRIBUTES = {
    "*": _COMMON,
    "a": {"href", "name"},
    "font": {"face", "size"},
    "img": {"alt", "src"},
    "ol": {"start", "type"},
    "table": {"border", "cellpadding", "cellspacing"},
    "td": _CELL,
    "th": _CELL,
}
_STYLES = {
    "background-color", "border", "border-bottom", "border-collapse", "border-left", "border-radius", "border-right",
    "border-spacing", "border-top", "color", "direction", "display", "font", "font-family", "font-size", "font-style",
    "font-weight", "height", "letter-spacing", "line-height", "list-style-type", "margin", "margin-bottom",
    "margin-left", "margin-right", "margin-top", "max-width", "min-width", "padding", "padding-bottom", "padding-left",
    "padding-right", "padding-top", "text-align", "text-decoration", "text-indent", "text-transform", "vertical-align",
    "white-space", "width", "word-break", "word-wrap",
}  # fmt: skip
_DROPPED_WHOLE = {"noscript", "script", "style", "template", "textarea", "title"}
_VOID = {"area", "br", "col", "hr", "img", "wbr"}
_PICTURE = re.compile(r"cid:", re.IGNORECASE)
_EMBEDDED = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=\r\n]+", re.IGNORECASE)
_SET_ASIDE = re.compile(r"cid:embedded\.\d+\.")
_CELL_END = "\ue000"
_CELL_ENDS = re.compile(f"[ \xa0]*{_CELL_END}[ \xa0{_CELL_END}]*")
_LINK = re.compile(r"https?:|mailto:|tel:|#", re.IGNORECASE)
_LOADS = re.compile(r"url|image|expression|\\|/\*", re.IGNORECASE)


def _attribute(_tag: str, attribute: str, value: str) -> str | None:
    plain = value.strip()
    if attribute == "src":
        return plain if _PICTURE.match(plain) else None
    if attribute == "href":
        return plain if _LINK.match(plain) else None
    if attribute == "style":
        return None if _LOADS.search(value) else value
    return value


_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags=_DROPPED_WHOLE,
    attributes=_ATTRIBUTES,
    attribute_filter=_attribute,
    link_rel="noopener noreferrer nofollow",
    set_tag_attribute_values={"a": {"target": "_blank"}},
    url_schemes={"cid", "http", "https", "mailto", "tel"},
    filter_style_properties=_STYLES,
)
_SKELETON = nh3.Cleaner(
    tags=_TAGS - {"img"}, clean_content_tags=_DROPPED_WHOLE, attributes={"ol": {"start"}}, link_rel=None
)
_LAYOUT = ParserConfig(css=CSS_PROFILES["strict"])

_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?P<close>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]{0,20})[^>]*>?|<[!?/][^>]*>?", re.DOTALL
)
_BREAKING = (
    "blockquote", "br", "div", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "p", "pre", "table", "tr", "ul",
)  # fmt: skip
_SPACE = dict.fromkeys(_BREAKING, "\n") | {"td": "  ", "th": "  "}
_URL = re.compile(r"""https?://[^\s<>"']{1,2000}""")
_TRAILING = ".,;:!?)]}"
# Above these, HTML parsers' and layouters' work grows with the square of the input.
_MAX_LENGTH = 1 << 19
_MAX_TAGS = 20_000
_MAX_RUN = 500
_MAX_DEPTH = 50
_MAX_LAYOUT = 10_000_000


def safe_html(source: str) -> str:
    """Sanitise foreign HTML: no scripts, no forms, few styles, links that open apart.

    Images keep `cid:` and embedded pictures; remote ones lose their source, so that opening a message tells nobody.
    """
    pictures: dict[str, str] = {}

    def set_aside(match: re.Match[str]) -> str:
        key = f"cid:embedded.{len(pictures)}."
        pictures[key] = match[0]
        return key

    cleaned = _CLEANER.clean(_simple(_EMBEDDED.sub(set_aside, source)))
    # each picture comes back once: a forged name must not multiply it
    return _SET_ASIDE.sub(lambda match: pictures.pop(match[0], match[0]), cleaned)


def text_of_html(source: str) -> str:
    """Lay HTML out as plain text. What nests too deep for a layout becomes its bare words."""
    skeleton = _SKELETON.clean(_simple(_EMBEDDED.sub("", source)))
    depth = _depth(skeleton)
    if depth > _MAX_DEPTH or skeleton.count("<") > _MAX_TAGS or depth * len(skeleton) > _MAX_LAYOUT:
        return _words(skeleton)
    laid_out: str = get_text(_without_tables(skeleton), _LAYOUT)
    spaced = _CELL_ENDS.sub("  ", laid_out).replace("\xa0", " ")
    return "\n".join(line.rstrip() for line in spaced.split("\n")).strip("\n")


def html_of_text(text: str) -> str:
    """Show plain text as HTML: escaped, line breaks kept, web addresses as links."""
    pieces: list[str] = []
    position = 0
    for match in _URL.finditer(text):
        address = match[0].rstrip(_TRAILING)
        pieces.append(html.escape(text[position : match.start()], quote=False))
        pieces.append(f'<a href="{html.escape(address)}">{html.escape(address, quote=False)}</a>')
        position = match.start() + len(address)
    pieces.append(html.escape(text[position:], quote=False))
    return "".join(pieces).replace("\r\n", "\n").replace("\n", "<br>\n")


def quote(text: str) -> str:
    """Put the mark of a quotation before every line."""
    return "\n".join(f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in text.split("\n"))


def storable(text: str) -> str:
    """Return a text to look up: characters that a database refuses become one that no name or number has."""
    if text.isascii():
        return text.replace("\x00", "\ufffd")
    return text.replace("\x00", "\ufffd").encode(errors="replace").decode()


def fold(text: str) -> str:
    """Fold for look-ups, the same on every database: compatibility forms, no marks, no case."""
    if text.isascii():
        return text.lower()
    return _unmarked(_unmarked(text).casefold())


def _unmarked(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _without_tables(skeleton: str) -> str:
    # most tables in mails only place things; and columns as wide as their widest cell multiply the text
    rows = re.sub(r"<(/?)(?:table|tr)>", r"<\1div>", skeleton)
    return re.sub(r"</t[dh]>", _CELL_END, rows)


def _simple(source: str) -> str:
    """Rebuild HTML of great length, or of very many tags or entities, with bare tags of bounded depth."""
    if len(source) <= _MAX_LENGTH and source.count("<") <= _MAX_TAGS and source.count("&") <= _MAX_TAGS:
        return source
    pieces: list[str] = []
    stack: list[str] = []
    position = 0
    for match in _TAG.finditer(source):
        pieces.append(_short_runs(source[position : match.start()]))
        position = match.end()
        pieces.extend(_rebuilt(match, stack))
    pieces.append(_short_runs(source[position:]))
    pieces.extend(f"</{name}>" for name in reversed(stack))
    return "".join(pieces)


def _short_runs(text: str) -> str:
    # a parser copies a text once for each of its entities; an empty comment, dropped later, begins a new text
    first, *others = text.replace("<", "&lt;").split("&")
    marked = (f"<!---->&{other}" if not number % _MAX_RUN else f"&{other}" for number, other in enumerate(others, 1))
    return "".join([first, *marked])


def _rebuilt(match: re.Match[str], stack: list[str]) -> list[str]:
    name = (match["name"] or "").lower()
    if name in _VOID:
        return [f"<{name}>"] if not match["close"] else []
    if name not in _TAGS:
        return []
    if not match["close"]:
        if len(stack) >= _MAX_DEPTH:
            return []
        stack.append(name)
        return [f"<{name}>"]
    if name not in stack:
        return []
    closed: list[str] = []
    while not closed or closed[-1] != f"</{name}>":
        closed.append(f"</{stack.pop()}>")
    return closed


def _depth(balanced: str) -> int:
    depth = deepest = 0
    for match in _TAG.finditer(balanced):
        if match["name"] and match["name"].lower() not in _VOID:
            depth += -1 if match["close"] else 1
            deepest = max(deepest, depth)
    return deepest


def _words(skeleton: str) -> str:
    spaced = _TAG.sub(lambda match: _SPACE.get((match["name"] or "").lower(), ""), skeleton)
    lines = (" ".join(line.split()) for line in html.unescape(spaced).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
