"""`python -m tools.docs` writes the generated pages; with `--check` it only says which are stale."""

import sys

from tools.docs.pages import ROOT, pages


def main() -> int:
    stale = [(ROOT / name, text) for name, text in pages().items() if _present(name) != text]
    if "--check" in sys.argv[1:]:
        for path, _ in stale:
            print(f"{path.relative_to(ROOT)} is stale: run `make docs`.", file=sys.stderr)
        return 1 if stale else 0
    for path, text in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


def _present(name: str) -> str | None:
    path = ROOT / name
    return path.read_text(encoding="utf-8") if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main())
