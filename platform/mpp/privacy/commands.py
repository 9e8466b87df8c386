"""`mpp privacy`: the record of processing, and what ends by itself."""

from __future__ import annotations

import datetime as dt
import sys

import click
from sqlalchemy import select

from mpp.i18n import short_date
from mpp.operator import give_up, with_settings
from mpp.privacy.document import DOCUMENT, document
from mpp.privacy.retention import Due, batch, preview
from mpp.settings import Settings
from mpp.tenancy.models import RegionRecord, RegionState
from mpp.tenancy.provision import inside, owner_engine, owner_session
from mpp.tenancy.region import Region

CENTRE = "pusat"


@click.group("privacy")
def privacy() -> None:
    """Data pribadi: daftar yang disimpan, dan masa simpannya."""


@privacy.command("document")
@click.option("--write", is_flag=True, help="Tulis docs/privacy.md, bukan ke layar.")
def document_(*, write: bool) -> None:
    """Cetak rekaman pemrosesan (Pasal 31 UU 27/2022)."""
    if write:
        DOCUMENT.write_text(document())
    else:
        click.echo(document(), nl=False)


@privacy.command("retention")
@click.option("--region", "slug", required=True, metavar="SLUG", help="Daerah, atau “pusat”.")
@click.option("--dry-run", is_flag=True, help="Hitung saja, jangan ubah apa pun.")
@with_settings()
def retention(settings: Settings, slug: str, *, dry_run: bool) -> None:
    """Akhiri sekarang apa yang habis masa simpannya; pekerjaan malam melakukan hal yang sama sendiri."""
    region, now = place(settings, slug), dt.datetime.now(tz=dt.UTC)
    total = 0
    for due in _preview(settings, region, now):
        total += due.rows
        act = "dihapus" if due.deleted else "dikosongkan"
        before = short_date(due.before.astimezone(region.zone) if region else due.before)
        click.echo(f"{due.rows:>9}  {act:<12} {due.table:<28} sebelum {before}  {due.kind.name}")
    if dry_run:
        click.echo(f"{total} baris akan berakhir; tidak ada yang diubah")
        return
    done = 0
    while True:
        ended, more = _batch(settings, region, now)
        done += sum(ended.values())
        if not more:
            break
    click.echo(f"{done} baris diakhiri")
    if done < total:
        click.echo(f"{total - done} baris sedang dipakai; ulangi", err=True)
        sys.exit(1)


def place(settings: Settings, slug: str) -> Region | None:
    """Return the provisioned region with this slug, None for the centre. Gives up with one line for any other."""
    if slug == CENTRE:
        return None
    query = select(RegionRecord).where(
        RegionRecord.slug == slug, RegionRecord.state != RegionState.REGISTERED
    )
    with owner_session(settings) as session:
        record = session.scalar(query)
    if record is None:
        give_up(f"Daerah belum disediakan atau tidak dikenal: {slug}")
    return record.as_region()


def _preview(settings: Settings, region: Region | None, now: dt.datetime) -> list[Due]:
    if region is None:
        with owner_session(settings) as session:
            return preview(session, None, now)
    with owner_engine(settings) as engine, inside(engine, region) as session:
        return preview(session, region, now)


def _batch(settings: Settings, region: Region | None, now: dt.datetime) -> tuple[dict[str, int], bool]:
    if region is None:
        with owner_session(settings) as session:
            return batch(session, None, now)
    with owner_engine(settings) as engine, inside(engine, region) as session:
        return batch(session, region, now)
