"""docs/permissions.md: who may do what, and which page is which act, printed from the code that decides it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import click
from flask import Flask

from mpp.accounts.models import Role
from mpp.accounts.permissions import GRANTS, Action, Grant
from mpp.settings import ROOT
from mpp.tenancy.resolver import Scope
from mpp.web.access import AudienceBlueprint, access_of

DOCUMENT = ROOT / "docs" / "permissions.md"
HEAD = """# Who may do what

Printed by `mpp permissions --write` from `platform/mpp/accounts/permissions.py` and the routes; a test holds it so.

- ● = may; ○ = may, and staff limited to one hall or agency may too, inside their limits. Empty = may not.
- Sending a form (POST) is the second act of a page where two are named.
- Staff of one region are strangers at every other and at the centre; the centre's people are strangers in a region,
  except by support access (limited in time, seen and ended by the region): "look", or "change" where that is allowed.
- Admins and the centre must have a second factor before their session begins.
"""
KINDS = {"admin": "admin", "officer": "officer", "agency_officer": "agency officer", "receptionist": "receptionist",
         "reader": "reader"}  # fmt: skip
# "<int(max=…):hall_id>" reads as "<hall_id>".
CONVERTER = re.compile(r"<[^<>:]+:")
METHODS = ("GET", "POST")


def document(*apps: Flask) -> str:
    """Return the whole document, as Markdown."""
    return "\n".join([HEAD, *_acts(), "", "## Pages and forms", "", *_pages(apps)]) + "\n"


def _acts() -> Iterator[str]:
    roles = [Role(key) for key in KINDS]
    yield "## Acts"
    yield ""
    yield f"| act | what it is | anybody | {' | '.join(KINDS.values())} | centre | support | citizen | machine |"
    yield "|---|---|" + ":-:|" * (len(roles) + 5)
    for action in Action:
        grant = GRANTS[action]
        marks = " | ".join(_mark(grant, role) for role in roles)
        public, central, citizen = (
            _dot(yes) for yes in (grant.public, grant.central, grant.citizen or grant.public)
        )
        support = "●" if grant.public and grant.support else grant.support or ""
        told = (grant.words, public, marks, central, support, citizen, grant.device or "")
        yield f"| `{action}` | {' | '.join(told)} |"


def _dot(yes: bool) -> str:
    return "●" if yes else ""


def _mark(grant: Grant, role: Role) -> str:
    if grant.public:
        return "●"
    return ("○" if grant.placed else "●") if role in grant.roles else ""


def _pages(apps: Iterable[Flask]) -> Iterator[str]:
    yield "| address | where | methods | act |"
    yield "|---|---|---|---|"
    lines = set()
    for app, rule in ((one, rule) for one in apps for rule in one.url_map.iter_rules()):
        blueprint = app.blueprints[rule.endpoint.partition(".")[0]]
        if not isinstance(blueprint, AudienceBlueprint):
            continue
        access = access_of(app, rule.endpoint)
        methods = [method for method in METHODS if method in (rule.methods or ())]
        acts = dict.fromkeys(f"`{access.action(method)}`" for method in methods)
        where = blueprint.scope.value if blueprint.scope is not None else "every host"
        order = list(Scope).index(blueprint.scope) if blueprint.scope is not None else -1
        lines.add(
            (
                order,
                rule.rule,
                f"| `{CONVERTER.sub('<', rule.rule)}` | {where} | {', '.join(methods)} | {', '.join(acts)} |",
            )
        )
    yield from (line for _order, _rule, line in sorted(lines))


@click.command("permissions")
@click.option("--write", is_flag=True, help="Tulis docs/permissions.md, bukan ke layar.")
@click.pass_context
def permissions(context: click.Context, *, write: bool) -> None:
    """Cetak siapa boleh apa: tabel peran dan tindakan, lalu setiap halaman."""
    text = document(*context.obj())
    if write:
        DOCUMENT.write_text(text)
    else:
        click.echo(text, nl=False)
