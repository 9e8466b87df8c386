"""`mpp breach`: whom a leak concerns, the notices of Pasal 46, the clock of 72 hours; and the drill of all of it."""

from __future__ import annotations

import datetime as dt
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mpp.crypto.keyring import keyring_of, using
from mpp.i18n import clock, full_date
from mpp.operator import give_up, with_settings
from mpp.privacy.commands import place
from mpp.settings import Settings
from mpp.tenancy.provision import inside, owner_engine
from mpp.tenancy.region import Region, region_context
from tenants.privacy import drill as exercise
from tenants.privacy import leaks
from tenants.privacy.leaks import Concerned, LeakError, Scope
from tenants.privacy.models import Leak, LeakNotice
from tenants.queueing.policies import clean_code

operator = with_settings(LeakError)
region_option = click.option(
    "--region", "slug", required=True, metavar="SLUG", help="Daerah yang datanya bocor."
)
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
@click.option("--tickets", type=READABLE, help="Berkas kode nomor antrean yang bocor, satu per baris.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder hasil; tanpa ini di MPP_DATA_DIR/breach."
)
@operator
def prepare(  # noqa: PLR0913  # what the law wants to be told has so many parts
    settings: Settings, *, slug: str, since: str, until: str, known: str, how: str, handling: str,
    table: str | None, phones: Path | None, tickets: Path | None, out: Path | None,
) -> None:  # fmt: skip
    """Hitung siapa yang terkena dan siapkan pemberitahuannya sebagai draf; tidak ada yang terkirim."""
    region = _region(settings, slug)
    scope = Scope(
        _moment(since, region), _moment(until, region), table, _lines(phones), [clean_code(t) for t in _lines(tickets)]
    )  # fmt: skip
    if scope.until < scope.since:
        raise LeakError("--until lebih awal daripada --from")
    with _inside(settings, region) as session:
        found = leaks.concerned(session, scope)
        leak = leaks.prepare(session, scope, found, _moment(known, region), how, handling)
        folder = write_files(session, leak, found, out or settings.data_dir / "breach" / f"{slug}-{leak.id}")
        _say(leak, found, region)
    click.echo(f"Berkas: {folder} (alamat hanya terbaca pemiliknya)")
    click.echo(f"Lepas drafnya sesudah dibaca: mpp breach release --region {slug} --leak {leak.id}")


@breach.command("release")
@region_option
@click.option("--leak", "leak_id", type=int, required=True, help="Nomor kebocoran, dari `mpp breach status`.")
@click.confirmation_option(prompt="Kirim pemberitahuan kepada semua orang yang terkena?")
@operator
def release(settings: Settings, slug: str, leak_id: int) -> None:
    """Lepas draf pemberitahuan: sejak ini terkirim."""
    with _inside(settings, _region(settings, slug)) as session:
        people = leaks.release(session, leak_id)
    click.echo(f"{people} pemberitahuan dilepas")


@breach.command("status")
@region_option
@operator
def status(settings: Settings, slug: str) -> None:
    """Tampilkan kebocoran daerah, sisa waktunya, dan berapa yang sudah diberi tahu."""
    region = _region(settings, slug)
    with _inside(settings, region) as session:
        for leak in session.scalars(select(Leak).order_by(Leak.id)):
            of = LeakNotice.leak_id == leak.id
            people = session.scalar(select(func.count()).where(of)) or 0
            told = session.scalar(select(func.count()).where(of, LeakNotice.told_at.is_not(None))) or 0
            state = "dilepas" if leak.released_at else "draf"
            click.echo(f"{leak.id:>4}  {state:<8} {told}/{people} diberi tahu  {_left(leak)}")


@breach.command("drill")
@region_option
@click.option("--people", type=click.IntRange(1, 5000), default=200, show_default=True, help="Orang buatan.")
@operator
def drill(settings: Settings, slug: str, people: int) -> None:
    """Latihan seluruhnya dengan orang buatan; tidak meninggalkan apa pun."""
    region, began = _region(settings, slug), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="breach-drill-") as folder, _undone(settings, region) as session:
        scope = exercise.make_people(session, people)
        click.echo(f"{_seconds(began)}  {people} orang buatan")
        found = leaks.concerned(session, scope)
        click.echo(f"{_seconds(began)}  {found.people} orang terkena ditemukan")
        now = dt.datetime.now(tz=dt.UTC)
        leak = leaks.prepare(session, scope, found, now, exercise.HOW, exercise.HANDLING)
        click.echo(f"{_seconds(began)}  draf pemberitahuan di outbox, batas {_left(leak)}")
        files = sorted(
            path.name for path in write_files(session, leak, found, Path(folder) / "hasil").iterdir()
        )
        click.echo(f"{_seconds(began)}  berkas ditulis: {', '.join(files)}")
        complete = found.people == people
    click.echo(f"{_seconds(began)}  selesai; semua dibatalkan dan dihapus lagi")
    if not complete:
        give_up(f"latihan gagal: {found.people} dari {people} orang ditemukan")


def write_files(session: Session, leak: Leak, found: Concerned, folder: Path) -> Path:
    """Write the addresses (readable by their owner alone), the notice and the letter; return the folder."""
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    with _private(folder / "alamat.jsonl") as file:
        for address in leaks.addresses(session, found):
            file.write(json.dumps(address, ensure_ascii=False) + "\n")
    for name, text in (
        ("pemberitahuan.txt", leaks.to_person(leak) + "\n"),
        ("surat-lembaga.txt", leaks.to_institution(leak, found)),
    ):
        with _private(folder / name) as file:
            file.write(text)
    return folder


@contextmanager
def _private(path: Path) -> Iterator[TextIO]:
    """A file that nobody but its owner can ever have read."""
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.fchmod(number, 0o600)
    with os.fdopen(number, "w", encoding="utf-8") as file:
        yield file


@contextmanager
def _inside(settings: Settings, region: Region) -> Iterator[Session]:
    with using(keyring_of(settings)), owner_engine(settings) as engine, inside(engine, region) as session:
        yield session


class _UndoneError(Exception):
    """Ends the drill's transaction without keeping anything of it."""


@contextmanager
def _undone(settings: Settings, region: Region) -> Iterator[Session]:
    try:
        with _inside(settings, region) as session:
            yield session
            raise _UndoneError
    except _UndoneError:
        pass


def _region(settings: Settings, slug: str) -> Region:
    region = place(settings, slug)
    if region is None:
        give_up("sebutkan satu daerah")
    return region


def _moment(text: str, region: Region) -> dt.datetime:
    """Return a moment as it was typed; without an offset it is the region's local time."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise LeakError(f"waktu tidak dikenali: {text} (tulis 2026-11-24T08:00)") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=region.zone)


def _lines(path: Path | None) -> list[str]:
    return [line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()] if path else []


def _say(leak: Leak, found: Concerned, region: Region) -> None:
    click.echo(f"Kebocoran {leak.id}: {found.rows} baris, {found.people} orang terkena")
    click.echo(
        f"  dengan akun {len(found.profiles)}, tamu {len(found.tickets)} (tanpa nomor HP {found.without_phone})"
    )
    click.echo(f"  tidak lagi menunjuk siapa pun: {found.nobody}")
    for kind in found.kinds:
        click.echo(f"  data: {kind.name}")
    with region_context(region):
        due = f"{full_date(leak.due_at)} pukul {clock(leak.due_at)}"
    click.echo(f"Batas pemberitahuan: {due}, {_left(leak)}")


def _left(leak: Leak) -> str:
    hours = (leak.due_at - dt.datetime.now(tz=dt.UTC)) / dt.timedelta(hours=1)
    return f"sisa {hours:.0f} jam" if hours > 0 else f"LEWAT {-hours:.0f} jam"


def _seconds(began: float) -> str:
    return f"{time.monotonic() - began:>6.2f} d"
