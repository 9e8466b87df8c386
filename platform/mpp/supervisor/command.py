"""`mpp up` as a click command."""

import sys
from pathlib import Path

import click

from mpp.supervisor.up import run_up


@click.command("up")
@click.option(
    "--port",
    type=click.IntRange(1, 65534),
    default=8000,
    show_default=True,
    help="Porta halaman; aliran kabar layar memakai porta berikutnya.",
)
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".data"),
    show_default=True,
    help="Folder data dan catatan.",
)
@click.option("--no-demo", is_flag=True, help="Tanpa akun dan data contoh.")
def up(port: int, data_dir: Path, no_demo: bool) -> None:
    """Jalankan seluruh MPP Digital dengan satu perintah; Ctrl-C menghentikannya."""
    sys.exit(run_up(port, data_dir, demo=not no_demo))
