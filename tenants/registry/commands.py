"""The command line of the registry: preparing the database, regions, demo accounts."""

from __future__ import annotations

import functools
import json
import sys
from dataclasses import asdict

import click
from sqlalchemy import select

from mpp import operator
from mpp.settings import Settings, SettingsError
from mpp.tenancy import lifecycle
from mpp.tenancy.lifecycle import LifecycleError
from mpp.tenancy.migrate import SCHEMA_SCRIPT, MigrationError, Outcome, migrate_all, write_schema_script
from mpp.tenancy.models import RegionRecord, RegionState
from mpp.tenancy.provision import owner, owner_session
from tenants.catalogue.loader import CatalogueError
from tenants.registry import demo, first_accounts, prepare
from tenants.registry.errors import RegistryError

EXPECTED = (SettingsError, CatalogueError, RegistryError, LifecycleError, MigrationError)


with_settings = operator.with_settings(*EXPECTED)


@click.group()
def db() -> None:
    """Menyiapkan basis data."""


@db.command("prepare")
@click.option("--no-demo", is_flag=True, help="Tanpa akun contoh.")
@with_settings
def prepare_(settings: Settings, no_demo: bool) -> None:
    """Pasang skema, muat katalog, sediakan 21 daerah percontohan; aman diulang kapan saja."""
    if settings.production and not no_demo:
        raise SettingsError("dengan MPP_ENV=production pakai --no-demo: akun contoh hanya untuk mencoba")
    prepare.prepare(settings, demo=not no_demo, slugs=None, progress=functools.partial(print, flush=True))


@db.command("render")
def render() -> None:
    """Tulis ulang skrip skema daerah baru dari riwayat migrasi."""
    write_schema_script()
    click.echo(f"{SCHEMA_SCRIPT} ditulis ulang")


@click.group("demo")
def demo_() -> None:
    """Akun contoh."""


@demo_.command("sign-ins")
@click.option("--json", "as_json", is_flag=True, help="Satu larik JSON, untuk program lain.")
@click.option("--all", "every", is_flag=True, help="Semua akun, bukan hanya yang dicetak `mpp up`.")
@with_settings
def sign_ins(settings: Settings, as_json: bool, every: bool) -> None:
    """Tampilkan akun contoh yang ada."""
    found = [asdict(entry) for entry in demo.sign_ins(settings, every=every)]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for entry in found:
        click.echo(f"{entry['where']}, {entry['role']}: {entry['url']}  {entry['user']}  {entry['password']}")
    if not found:
        click.echo("Tidak ada akun contoh.")


@demo_.command("remove")
@with_settings
def remove(settings: Settings) -> None:
    """Hapus semua akun contoh, di pusat dan di setiap daerah."""
    count = demo.remove_demo(settings)
    click.echo(f"{count} akun contoh dihapus" if count else "Tidak ada akun contoh.")


@click.group()
def region() -> None:
    """Daerah: daftar, buat, tangguhkan, aktifkan, perbarui skema."""


@region.command("list")
@click.option("--json", "as_json", is_flag=True, help="Satu larik JSON, untuk program lain.")
@with_settings
def list_(settings: Settings, as_json: bool) -> None:
    """Tampilkan setiap daerah dan keadaannya."""
    with owner_session(settings) as session:
        rows = [
            _facts(settings, r) for r in session.scalars(select(RegionRecord).order_by(RegionRecord.code))
        ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(
            f"{row['code']}  {row['state']:<10}  {row['revision'] or '-':<6}  {row['name']:<32}  {row['url']}"
        )
    click.echo(f"{len(rows)} daerah")


def _facts(settings: Settings, record: RegionRecord) -> dict[str, str | None]:
    last = record.last_activity_at
    return {
        "code": record.code,
        "slug": record.slug,
        "name": record.name,
        "province": record.province,
        "state": record.state,
        "reason": record.state_reason,
        "revision": record.schema_revision,
        "timezone": record.timezone,
        "last_activity_at": last.isoformat() if last else None,
        "url": demo.origin(settings, record.slug),
    }


@region.command("create")
@click.argument("code")
@with_settings
def create(settings: Settings, code: str) -> None:
    """Sediakan daerah dengan kode CODE (salah satu dari 514), misalnya 13.75."""
    record = prepare.create_region(settings, code)
    state = "ditangguhkan" if record.state == RegionState.SUSPENDED else "siap"
    click.echo(f"{record.name} {state}: {demo.origin(settings, record.slug)}")


@region.command("suspend")
@click.argument("slug")
@click.option("--reason", required=True, help="Alasan, tercatat di pusat.")
@click.option("--contact", required=True, help="Ke mana warga bertanya; tampil di portal.")
@with_settings
def suspend(settings: Settings, slug: str, reason: str, contact: str) -> None:
    """Tangguhkan daerah: portal menjawab 503, pekerjaan menunggu."""
    with owner_session(settings) as session:
        name = lifecycle.suspend(session, slug, reason, contact).name
    click.echo(f"{name} ditangguhkan")


@region.command("activate")
@click.argument("slug")
@with_settings
def activate(settings: Settings, slug: str) -> None:
    """Layani lagi daerah yang ditangguhkan."""
    with owner_session(settings) as session:
        name = lifecycle.activate(session, slug).name
    click.echo(f"{name} aktif")


@region.command("migrate")
@click.argument("slugs", nargs=-1)
@with_settings
def migrate(settings: Settings, slugs: tuple[str, ...]) -> None:
    """Perbarui skema daerah; satu daerah yang gagal tidak menghentikan yang lain."""
    chosen = prepare.targets(settings, slugs)
    missing = sorted(set(slugs) - {target.slug for target in chosen})
    if missing:
        raise RegistryError(f"Daerah belum disediakan atau tidak dikenal: {', '.join(missing)}")
    pending = prepare.targets(settings, slugs, pending_only=True)
    with owner(settings) as connection:
        outcomes = migrate_all(connection, pending, _report)
    failed = sum(1 for outcome in outcomes if outcome.error)
    click.echo(
        f"{len(chosen) - len(pending)} daerah sudah mutakhir, {len(outcomes) - failed} diperbarui, {failed} gagal,"
        f" {len(pending) - len(outcomes)} belum dikerjakan"
    )
    if failed:
        sys.exit(1)


def _report(outcome: Outcome) -> None:
    state = f"gagal: {outcome.error}" if outcome.error else f"di revisi {outcome.revision}"
    click.echo(f"  {outcome.target.slug} {state} ({outcome.milliseconds:.0f} md)")


@click.group()
def account() -> None:
    """Akun pertama: pusat, atau admin sebuah daerah."""


@account.command("create")
@click.argument("email")
@click.option("--name", required=True, help="Nama yang tampil di catatan.")
@click.option("--region", "slug", help="Daerah tempat ia menjadi admin; tanpa ini: super-admin pusat.")
@with_settings
def create_account(settings: Settings, email: str, name: str, slug: str | None) -> None:
    """Buat akun dan cetak kata sandinya sekali; ganti setelah masuk."""
    if slug:
        secret = first_accounts.add_admin(settings, slug, email, name)
    else:
        secret = first_accounts.add_central(settings, email, name)
    click.echo(f"Masuk di {demo.origin(settings, slug)}/masuk sebagai {email} dengan kata sandi: {secret}")


groups: list[click.Command] = [db, region, account, demo_]
