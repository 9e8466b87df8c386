"""`mpp breach`: whom a leak concerns, the notices of Pasal 46, the clock of 72 hours; and the drill of all of it.

One place at a time: a region, or the nation's own tables ("pusat").
"""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from mpp.crypto.keyring import keyring_of, using
from mpp.operator import give_up, with_settings
from mpp.privacy import leaks
from mpp.privacy.commands import place
from mpp.privacy.dossier import CENTRE_ZONE
from mpp.privacy.leak_files import write_files
from mpp.privacy.leaks import Concerned, LeakError, LeakPlace, Scope
from mpp.privacy.models import LeakColumns
from mpp.privacy.national_leaks import NATION
from mpp.settings import Settings
from mpp.tenancy.provision import inside, owner_engine, owner_session
from mpp.tenancy.region import Region
from tenants.privacy.leaks import REGION
from tenants.queueing.policies import clean_code

HOW = "Latihan: salinan cadangan terbaca dari luar selama dua jam"
HANDLING = "Latihan: akses ditutup, kunci diganti, semua salinan diperiksa"
operator = with_settings(LeakError)
region_option = click.option(
    "--region", "slug", required=True, metavar="SLUG",
    help="Daerah yang datanya bocor; “pusat” untuk tabel nasional.",
)  # fmt: skip
READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("breach")
def breach() -> None:
    """Kebocoran data: siapa yang terkena, pemberitahuan, dan batas 3 x 24 jam."""


@breach.command("prepare")
@region_option
@click.option("--from", "since", required=True, metavar="WAKTU", help="Mulai terbuka, mis. 2026-11-24T08:00.")
@click.option("--until", "until", required=True, metavar="WAKTU", help="Tertutup lagi.")
@click.option(
    "--known-at", "known", required=True, metavar="WAKTU", help="Saat diketahui; 72 jam dihitung dari sini."
)
@click.option("--how", required=True, help="Bagaimana data terungkap, satu kalimat tanpa nama orang.")
@click.option("--handling", required=True, help="Apa yang sudah dan sedang dilakukan.")
@click.option("--table", help="Satu tabel yang terbaca; tanpa ini semua yang ditulis pada rentang waktu itu.")
@click.option("--phones", type=READABLE, help="Berkas nomor HP yang bocor, satu per baris.")
@click.option(
    "--numbers", type=READABLE, help="Berkas NIK (di pusat juga nomor KK) yang bocor, satu per baris."
)
@click.option("--tickets", type=READABLE, help="Berkas kode nomor antrean yang bocor, satu per baris.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder hasil; tanpa ini di MPP_DATA_DIR/breach."
)
@operator
def prepare(  # noqa: PLR0913  # what the law wants to be told has so many parts
    settings: Settings, *, slug: str, since: str, until: str, known: str, how: str, handling: str,
    table: str | None, phones: Path | None, numbers: Path | None, tickets: Path | None, out: Path | None,
) -> None:  # fmt: skip
    """Hitung siapa yang terkena dan siapkan pemberitahuannya sebagai draf; tidak ada yang terkirim."""
    region = place(settings, slug)
    at = _leaks_of(region)
    scope = Scope(
        _moment(since, region), _moment(until, region), table, _lines(phones), [clean_code(t) for t in _lines(tickets)],
        _lines(numbers),
    )  # fmt: skip
    if scope.until < scope.since:
        raise LeakError("--until lebih awal daripada --from")
    with _inside(settings, region) as session:
        found = at.concerned(session, scope)
        leak = leaks.prepare(session, at, scope, found, _moment(known, region), how, handling)
        out = out or settings.data_dir / "breach" / f"{slug}-{leak.id}"
        folder = write_files(session, at, leak, found, out)
        _say(at, leak, found)
    click.echo(f"Berkas: {folder} (alamat hanya terbaca pemiliknya)")
    click.echo(f"Lepas drafnya sesudah dibaca: mpp breach release --region {slug} --leak {leak.id}")


@breach.command("release")
@region_option
@click.option("--leak", "leak_id", type=int, required=True, help="Nomor kebocoran, dari `mpp breach status`.")
@click.confirmation_option(prompt="Kirim pemberitahuan kepada semua orang yang terkena?")
@operator
def release(settings: Settings, slug: str, leak_id: int) -> None:
    """Lepas draf pemberitahuan: sejak ini terkirim."""
    region = place(settings, slug)
    with _inside(settings, region) as session:
        people = leaks.release(session, _leaks_of(region), leak_id)
    click.echo(f"{people} pemberitahuan dilepas")


@breach.command("status")
@region_option
@operator
def status(settings: Settings, slug: str) -> None:
    """Tampilkan kebocoran di satu tempat, sisa waktunya, dan berapa yang sudah diberi tahu."""
    region = place(settings, slug)
    at = _leaks_of(region)
    with _inside(settings, region) as session:
        for leak in session.scalars(select(at.leak).order_by(at.leak.id)):
            people, told = leaks.counts(session, at, leak.id)
            state = "dilepas" if leak.released_at else "draf"
            click.echo(f"{leak.id:>4}  {state:<8} {told}/{people} diberi tahu  {_left(leak)}")


@breach.command("drill")
@region_option
@click.option("--people", type=click.IntRange(1, 5000), default=200, show_default=True, help="Orang buatan.")
@operator
def drill(settings: Settings, slug: str, people: int) -> None:
    """Latihan seluruhnya dengan orang buatan; tidak meninggalkan apa pun."""
    region, began = place(settings, slug), time.monotonic()
    at = _leaks_of(region)
    with tempfile.TemporaryDirectory(prefix="breach-drill-") as folder, _undone(settings, region) as session:
        scope = at.make_people(session, people)
        click.echo(f"{_seconds(began)}  {people} orang buatan")
        found = at.concerned(session, scope)
        click.echo(f"{_seconds(began)}  {found.people} orang terkena ditemukan")
        leak = leaks.prepare(session, at, scope, found, dt.datetime.now(tz=dt.UTC), HOW, HANDLING)
        click.echo(f"{_seconds(began)}  draf pemberitahuan di outbox, batas {_left(leak)}")
        written = write_files(session, at, leak, found, Path(folder) / "hasil")
        files = sorted(path.name for path in written.iterdir())
        click.echo(f"{_seconds(began)}  berkas ditulis: {', '.join(files)}")
        complete = found.people == people
    click.echo(f"{_seconds(began)}  selesai; semua dibatalkan dan dihapus lagi")
    if not complete:
        give_up(f"latihan gagal: {found.people} dari {people} orang ditemukan")


def _leaks_of(region: Region | None) -> LeakPlace:
    return REGION if region else NATION


@contextmanager
def _inside(settings: Settings, region: Region | None) -> Iterator[Session]:
    with using(keyring_of(settings)):
        if region is None:
            with owner_session(settings) as session:
                yield session
        else:
            with owner_engine(settings) as engine, inside(engine, region) as session:
                yield session


class _UndoneError(Exception):
    """Ends the drill's transaction without keeping anything of it."""


@contextmanager
def _undone(settings: Settings, region: Region | None) -> Iterator[Session]:
    try:
        with _inside(settings, region) as session:
            yield session
            raise _UndoneError
    except _UndoneError:
        pass


def _moment(text: str, region: Region | None) -> dt.datetime:
    """Return a moment as it was typed; without an offset it is the region's local time, at the centre WIB."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise LeakError(f"waktu tidak dikenali: {text} (tulis 2026-11-24T08:00)") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=region.zone if region else CENTRE_ZONE)


def _lines(path: Path | None) -> list[str]:
    return [line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()] if path else []


def _say(at: LeakPlace, leak: LeakColumns, found: Concerned) -> None:
    click.echo(f"Kebocoran {leak.id}: {found.rows} baris, {found.people} orang terkena")
    click.echo(f"  {at.summary(found)}")
    click.echo(f"  tidak lagi menunjuk siapa pun: {found.nobody}")
    for kind in found.kinds:
        click.echo(f"  data: {kind.name}")
    click.echo(f"Batas pemberitahuan: {leaks.moment(leak.due_at)}, {_left(leak)}")


def _left(leak: LeakColumns) -> str:
    hours = (leak.due_at - dt.datetime.now(tz=dt.UTC)) / dt.timedelta(hours=1)
    return f"sisa {hours:.0f} jam" if hours > 0 else f"LEWAT {-hours:.0f} jam"


def _seconds(began: float) -> str:
    return f"{time.monotonic() - began:>6.2f} d"
