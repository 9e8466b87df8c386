"""`mpp audit`: is the log of acts as it was written?"""

from __future__ import annotations

import json
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from mpp.audit.anchors import seal_old
from mpp.audit.models import AuditAnchor
from mpp.audit.verify import Finding, verify
from mpp.operator import give_up, with_settings
from mpp.settings import Settings
from mpp.tenancy.models import RegionRecord, RegionState
from mpp.tenancy.provision import inside, owner_engine, owner_session
from mpp.tenancy.region import Region

CENTRE = "pusat"
Ends = list[tuple[int, bytes]]


@click.group("audit")
def audit() -> None:
    """Catatan perbuatan: periksa rantainya."""


@audit.command("verify")
@click.option("--region", "slug", help="Satu daerah; tanpa ini semua daerah dan pusat.")
@click.option(
    "--anchors", "file", type=click.Path(exists=True, path_type=Path),
    help="Baris log JSON dengan “audit anchor”, disimpan di luar basis data.",
)  # fmt: skip
@with_settings()
def verify_(settings: Settings, slug: str | None, file: Path | None) -> None:
    """Periksa rantai catatan dari awal; entri pertama yang tidak cocok disebut. Keluar 1 bila ada."""
    written = _written(file) if file else {}
    broken = 0
    for region in _places(settings, slug):
        name = region.slug if region else CENTRE
        found = _verify(settings, region, written.get(name, []))
        broken += found.fault is not None
        click.echo(f"{name}: {_words(found)}")
    if broken:
        give_up(f"{broken} catatan tidak utuh")


@audit.command("seal")
@with_settings()
def seal(settings: Settings) -> None:
    """Segel entri dari sebelum ada rantai, di setiap daerah dan pusat; aman diulang."""
    with owner_engine(settings) as engine:
        for region in _places(settings, None):
            if region is None:
                with owner_session(settings) as session:
                    rows = seal_old(session)
            else:
                with inside(engine, region) as session:
                    rows = seal_old(session)
            click.echo(f"{region.slug if region else CENTRE}: {rows} entri lama disegel")


def _verify(settings: Settings, region: Region | None, written: Ends) -> Finding:
    with owner_session(settings) as session:
        if region is None:
            return verify(session, written)
        written = [*written, *_anchors(session, region.id)]
    with owner_engine(settings) as engine, inside(engine, region) as session:
        return verify(session, written)


def _anchors(session: Session, region_id: int) -> Ends:
    rows = session.execute(
        select(AuditAnchor.seq, AuditAnchor.hash).where(AuditAnchor.region_id == region_id)
    )
    return [(row.seq, bytes(row.hash)) for row in rows]


def _written(file: Path) -> dict[str, Ends]:
    """Ends of chains out of log lines, by region; other lines are passed over."""
    found: dict[str, Ends] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and entry.get("event") == "audit anchor":
            found.setdefault(entry["region"], []).append((entry["seq"], bytes.fromhex(entry["hash"])))
    return found


def _places(settings: Settings, slug: str | None) -> list[Region | None]:
    query = select(RegionRecord).where(RegionRecord.state != RegionState.REGISTERED)
    with owner_session(settings) as session:
        found = [record.as_region() for record in session.scalars(query.order_by(RegionRecord.code))]
    if slug is None:
        return [*found, None]
    chosen = [region for region in found if region.slug == slug]
    if not chosen and slug != CENTRE:
        give_up(f"Daerah belum disediakan atau tidak dikenal: {slug}")
    return [*chosen] or [None]


def _words(found: Finding) -> str:
    if found.fault is None:
        old = f", {found.old} entri lama tersegel" if found.old else ""
        open_ = f", {found.unsealed} entri lama belum disegel (mpp audit seal)" if found.unsealed else ""
        return f"utuh, {found.entries} entri{old}{open_}"
    where = f"entri {found.row}" if found.row is not None else f"sesudah entri urutan {found.entries}"
    when = f" ({found.at:%Y-%m-%d %H:%M:%S %Z})" if found.at else ""
    return f"TIDAK UTUH di {where}{when}: {found.fault}"
