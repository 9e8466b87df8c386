"""What `mpp up` prints: progress with times, then the table of addresses and demo accounts."""

import sys
import time
from collections.abc import Callable, Sequence

COLUMNS = (
    ("where", "Tempat"),
    ("role", "Peran"),
    ("url", "Alamat masuk"),
    ("user", "Nama pengguna"),
    ("password", "Kata sandi"),
)


def say(line: str) -> None:
    """Print one line to the terminal at once, also when output goes to a file."""
    print(line, flush=True)


def complain(line: str) -> None:
    """Print the one line that says why nothing runs, to stderr."""
    print(f"Galat: {line}", file=sys.stderr, flush=True)


def seconds(started: float) -> str:
    """The time since `started` (time.monotonic) as Indonesian text, such as "1,2 detik"."""
    return f"{time.monotonic() - started:.1f} detik".replace(".", ",", 1)


def timed(title: str, work: Callable[[], object]) -> None:
    """Run `work` and say that `title` is ready and how long it took."""
    started = time.monotonic()
    work()
    say(f"  {title} siap ({seconds(started)})")


def table(rows: Sequence[dict[str, str]]) -> list[str]:
    """`rows` as aligned lines under the headings of COLUMNS.

    A column that is empty everywhere is left out.
    """
    shown = [(key, title) for key, title in COLUMNS if any(row.get(key) for row in rows)]
    cells = [[title for _, title in shown]] + [[row.get(key) or "" for key, _ in shown] for row in rows]
    widths = [max(len(line[index]) for line in cells) for index in range(len(shown))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
    return [lines[0], "  ".join("─" * width for width in widths), *lines[1:]] if rows else []


def welcome(centre: str, accounts: Sequence[dict[str, str]], data_dir: str) -> None:
    """Print where to go and, with the demo seed, who may sign in."""
    say("")
    say("MPP Digital berjalan.")
    say(f"  Pusat dan daftar daerah: {centre}")
    say(f"  Data dan catatan: {data_dir}")
    if accounts:
        say("")
        say("Akun contoh (hanya ada pada data contoh):")
        shared = {account.get("password") for account in accounts}
        if len(shared) == 1:  # said once, the table fits a narrower terminal
            accounts = [{**account, "password": ""} for account in accounts]
        for line in table(accounts):
            say(f"  {line}")
        if len(shared) == 1:
            say(f"  Kata sandi semua akun: {shared.pop()}")
        say("  Admin dan pusat: kode langkah kedua tampil di halaman masuknya.")
    say("")
    say("Tekan Ctrl-C untuk berhenti.")
