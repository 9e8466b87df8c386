"""Looks a PDF through, in a process of its own with little memory and time: `python -m mpp.storage.pdf_reader`.

The file comes on standard input. Exit code 0: nothing active in it; 3: refused, the reason's name on standard
output. Anything else (out of memory, out of time, a crash of the parser) means the same as broken.
"""

from __future__ import annotations

import re
import resource
import sys
from collections.abc import Iterator
from io import BytesIO
from typing import Any

MEMORY = 768 * 2**20
SECONDS = 10
REFUSED = 3
MOST_OBJECTS = 50_000
MOST_PAGES = 300
# Keys of dictionaries and values of /S, /Type and /Subtype that make a document do something, or carry a file.
ACTIVE = frozenset(
    {
        "/JavaScript", "/JS", "/Launch", "/SubmitForm", "/ImportData", "/RichMedia", "/Rendition", "/Movie", "/Sound",
        "/3D", "/XFA", "/AA", "/GoToE", "/GoToR", "/RichMediaExecute",
    }
)  # fmt: skip
FILES = frozenset({"/EmbeddedFile", "/EmbeddedFiles", "/FileAttachment", "/EF", "/Filespec", "/Collection"})
# Seen in the bytes as they are, whatever a lenient reader would make of a broken structure.
RAW = (b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/RichMedia", b"/XFA")


class Refused(Exception):  # a finding, not an error of ours
    """What was found: active, files, locked, broken, long."""


def look(data: bytes) -> None:
    """Raise Refused when a PDF would do anything but be read."""
    # The parser is loaded here: its memory counts, and only this process needs it.
    import pikepdf

    decoded = re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), data)
    for name in RAW:
        if name in decoded:
            raise Refused("files" if name == b"/EmbeddedFile" else "active")
    try:
        with pikepdf.open(BytesIO(data), attempt_recovery=False) as pdf:
            _look(pikepdf, pdf)
    except pikepdf.PasswordError:
        raise Refused("locked") from None
    except pikepdf.PdfError:
        raise Refused("broken") from None


def _look(pikepdf: Any, pdf: Any) -> None:
    if pdf.is_encrypted:
        raise Refused("locked")
    if len(pdf.objects) > MOST_OBJECTS or len(pdf.pages) > MOST_PAGES:
        raise Refused("long")
    for name in _names(pikepdf, [pdf.trailer, *pdf.objects]):
        if name in FILES:
            raise Refused("files")
        if name in ACTIVE:
            raise Refused("active")
    if pdf.get_warnings():
        raise Refused("broken")


def _names(pikepdf: Any, roots: list[Any]) -> Iterator[str]:
    """Every key and every name that stands as a value, at any depth; indirect objects are roots themselves."""
    waiting = list(roots)
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, pikepdf.Name):
            yield str(thing)
        elif isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
            for key, value in thing.items():
                yield str(key)
                if not (isinstance(value, pikepdf.Object) and value.is_indirect):
                    waiting.append(value)
        elif isinstance(thing, pikepdf.Array):
            waiting.extend(v for v in thing if not (isinstance(v, pikepdf.Object) and v.is_indirect))


def main() -> None:
    """Read standard input and say what was found."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        look(sys.stdin.buffer.read())
    except Refused as found:
        sys.stdout.write(str(found))
        sys.exit(REFUSED)


if __name__ == "__main__":
    main()
