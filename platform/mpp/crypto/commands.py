"""`mpp secrets`: the keys of regions and of the nation."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

import click
from sqlalchemy import func, select

from mpp.crypto.errors import SecretsError
from mpp.crypto.keyring import keyring_of, using
from mpp.crypto.master import new_key
from mpp.crypto.models import RegionKey
from mpp.crypto.rotation import backfill, rewrap, rotate
from mpp.crypto.sweep import Swept
from mpp.operator import with_settings
from mpp.settings import Settings
from mpp.tenancy.models import RegionRecord, RegionState
from mpp.tenancy.provision import owner_session
from mpp.tenancy.region import Region

# The nation's own keys, as `mpp audit verify` calls the centre's chain.
NATION = "pusat"
operator = with_settings(SecretsError)
chosen = click.option(
    "--region", "slugs", multiple=True, metavar="SLUG", help="Daerah, atau “pusat”; boleh berulang."
)
everything = click.option("--all", "every", is_flag=True, help="Semua daerah dan kunci nasional.")


@click.group("secrets")
def secrets() -> None:
    """Kunci data pribadi: buat, putar, periksa."""


@secrets.command("new-key")
def new_key_() -> None:
    """Cetak kunci induk baru, untuk berkas MPP_MASTER_KEY_FILE."""
    click.echo(new_key())


@secrets.command("status")
@operator
def status(settings: Settings) -> None:
    """Tampilkan versi kunci yang dipakai tiap daerah."""
    with owner_session(settings) as session:
        rows = session.execute(
            select(
                func.coalesce(RegionRecord.slug, "nasional").label("place"),
                func.max(RegionKey.version).filter(RegionKey.retired_at.is_(None)).label("newest"),
                func.count(RegionKey.version.distinct()).filter(RegionKey.retired_at.is_(None)).label("live"),
                func.max(RegionKey.created_at).label("made"),
            )
            .select_from(RegionKey)
            .outerjoin(RegionRecord, RegionRecord.id == RegionKey.region_id)
            .group_by("place")
            .order_by("place")
        ).all()
    for row in rows:
        turning = "  sedang diputar" if row.live > 1 else ""
        click.echo(f"{row.place:<28} versi {row.newest}  sejak {row.made:%Y-%m-%d}{turning}")
    click.echo(f"{len(rows)} pemilik kunci")


@secrets.command("backfill")
@chosen
@everything
@operator
def backfill_(settings: Settings, slugs: tuple[str, ...], every: bool) -> None:
    """Segel nilai yang masih terbuka dan bawa segel lama ke kunci terbaru; aman diulang."""
    keyring = keyring_of(settings)

    def act(region: Region | None) -> Swept:
        with using(keyring):
            return backfill(settings, region)

    _each(settings, slugs, every, act)


@secrets.command("rotate")
@chosen
@everything
@operator
def rotate_(settings: Settings, slugs: tuple[str, ...], every: bool) -> None:
    """Beri kunci baru dan segel ulang semua nilai, sambil layanan berjalan; aman dihentikan dan diulang."""
    _each(settings, slugs, every, lambda region: rotate(settings, region, _say))


@secrets.command("rewrap")
@operator
def rewrap_(settings: Settings) -> None:
    """Bungkus ulang kunci daerah dengan kunci induk yang sekarang."""
    click.echo(f"{rewrap(settings)} kunci dibungkus ulang")


def _each(
    settings: Settings, slugs: Sequence[str], every: bool, act: Callable[[Region | None], Swept]
) -> None:
    """Do it in each place; one that is not done does not stop the others, and makes the exit code 1."""
    done = True
    for region in _places(settings, slugs, every):
        name = region.slug if region else "nasional"
        swept = act(region)
        done = done and swept.done
        rest = f", {swept.left} belum (baris sedang dipakai; ulangi)" if swept.left else ""
        rest += f", {swept.earlier} transaksi lama belum selesai (kunci lama tetap dipakai; ulangi)" * bool(
            swept.earlier
        )
        click.echo(f"  {name}: {swept.rows} baris diperbarui{rest}")
    if not done:
        sys.exit(1)


def _places(settings: Settings, slugs: Sequence[str], every: bool) -> list[Region | None]:
    if every == bool(slugs):
        raise SecretsError("sebutkan --region SLUG atau --all")
    query = select(RegionRecord).where(RegionRecord.state != RegionState.REGISTERED)
    query = query.order_by(RegionRecord.code)
    with owner_session(settings) as session:
        found = [record.as_region() for record in session.scalars(query)]
    if every:
        return [*found, None]
    missing = sorted(set(slugs) - {region.slug for region in found} - {NATION})
    if missing:
        raise SecretsError(f"Daerah belum disediakan atau tidak dikenal: {', '.join(missing)}")
    chosen: list[Region | None] = [region for region in found if region.slug in slugs]
    return [*chosen, None] if NATION in slugs else chosen


def _say(line: str) -> None:
    click.echo(f"  {line}")
