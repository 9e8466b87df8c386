"""Addresses of routes, filled with samples: for walks over all of them."""

from __future__ import annotations

import re

from werkzeug.routing import Rule

# A value for every kind of argument: what matters is who is refused, before anything is looked up.
SAMPLE = {
    "slug": "ktp-el-baru",
    "hall_slug": "mpp",
    "code": "XXXXXXXXXX",
    "version": "x",
    "path": "x",
    "sha256": "0" * 64,
    "token": "x" * 43,
}


def address(rule: Rule, values: dict[str, str] | None = None) -> str:
    """A path of this route, each argument filled from `values`, else with a sample (or the first word it allows)."""

    def fill(match: re.Match[str]) -> str:
        converter, options, name = match.groups()
        if converter == "any":
            return str(options).partition(",")[0]
        return (values or {}).get(name) or SAMPLE.get(name, "999999")

    return re.sub(r"<(?:(\w+)(?:\(([^)]*)\))?:)?(\w+)>", fill, rule.rule)
