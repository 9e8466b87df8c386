"""Which user the embedded servers run as, and where that user can reach data and programs.

PostgreSQL refuses to run as root, and a network server has no business to. When we are root, the
servers run as an existing unprivileged user; no user is created. Folders that aren't ours are
never opened to others: when the wanted data folder or the server's programs lie behind a closed
folder (a checkout in /root), data and a copy of the programs go below `STATE`, and `Place.note`
says so in one line.
"""

import hashlib
import os
import pwd
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from mpp.embedded.errors import EmbeddedError

STATE = Path("/var/lib/mpp-digital")
_CANDIDATES = ("nobody", "postgres", "www-data")


@dataclass(frozen=True)
class Identity:
    """A user to run a server as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Place:
    """A folder of mode 0700 that belongs to `identity` (to us when None)."""

    path: Path
    identity: Identity | None
    note: str | None = None
    temporary: bool = False


def is_root() -> bool:
    """True when this process may and must change user for its servers."""
    return os.geteuid() == 0


def servant() -> Identity:
    """The existing unprivileged user that servers run as when we are root.

    EmbeddedError when the machine has none.
    """
    for name in _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Identity(name, entry.pw_uid, entry.pw_gid)
    raise EmbeddedError(
        "PostgreSQL tidak boleh berjalan sebagai root dan pengguna nobody tidak ada. "
        "Jalankan sebagai pengguna biasa."
    )


def can_enter(identity: Identity, folder: Path) -> bool:
    """True when `identity` gets through to `folder`.

    Tried for real, so that access lists and mounts count too.
    """
    return _try_as(identity, "-x", folder)


def can_read(identity: Identity, file: Path) -> bool:
    """True when `identity` can open `file`, tried for real."""
    return _try_as(identity, "-r", file)


def _try_as(identity: Identity, test: str, path: Path) -> bool:
    done = subprocess.run(  # noqa: S603  # fixed program; the path is one argument, never a shell's text
        ["test", test, str(path)],  # noqa: S607  # its folder differs between systems
        user=identity.uid,
        group=identity.gid,
        extra_groups=[],
        cwd="/",
        check=False,
    )
    return done.returncode == 0


def make_folder(path: Path) -> None:
    """Create `path` and missing parents with mode 0700.

    For root 0711: its servers must pass through them, but not list them.

    Folders that exist already stay as they are.
    """
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o711 if is_root() else 0o700)


def settle(wanted: Path, *, keep: bool) -> Place:
    """Where a server's data lives: `wanted`, or below `STATE` when that is out of reach.

    Data that exists already decides: it stays where it is and the server runs as its owner. With
    `keep` false a moved folder is a temporary one. Raises EmbeddedError when existing data is out
    of reach or belongs to somebody else.
    """
    wanted = wanted.resolve()
    if not is_root():
        return _settle_as_ourselves(wanted)
    moved = STATE / mark(wanted.parent) / wanted.name
    if wanted.exists():
        identity = _owner(wanted)
        if can_enter(identity, wanted):
            return Place(wanted, identity)
        if any(wanted.iterdir()):
            raise EmbeddedError(
                f"Data ada di {wanted}, tetapi pengguna {identity.name} yang memilikinya tidak "
                "dapat masuk ke sana. "
                "Pindahkan data itu atau pilih folder lain dengan --data-dir."
            )
        wanted.rmdir()  # ours, empty, and of no use behind a closed folder
    if moved.exists():
        return Place(moved, _owner(moved), _note(wanted, _owner(moved), moved))
    identity = servant()
    make_folder(wanted.parent)
    if can_enter(identity, wanted.parent):
        _create_owned(wanted, identity)
        return Place(wanted, identity)
    if not keep:
        temporary = Path(tempfile.mkdtemp(prefix="mpp-"))
        os.chown(temporary, identity.uid, identity.gid)
        return Place(temporary, identity, _note(wanted, identity, temporary), temporary=True)
    make_folder(moved.parent)
    if not can_enter(identity, moved.parent):
        raise EmbeddedError(
            f"Pengguna {identity.name} tidak dapat masuk ke {wanted.parent} maupun ke "
            f"{moved.parent}. "
            "Pilih folder yang terjangkau dengan --data-dir."
        )
    _create_owned(moved, identity)
    return Place(moved, identity, _note(wanted, identity, moved))


def _settle_as_ourselves(wanted: Path) -> Place:
    if wanted.exists():
        owner = wanted.stat().st_uid
        if owner != os.geteuid():
            raise EmbeddedError(
                f"Data di {wanted} milik pengguna {_owner(wanted).name}. "
                "Jalankan sebagai pengguna itu atau pilih folder lain dengan --data-dir."
            )
        return Place(wanted, None)
    make_folder(wanted)
    return Place(wanted, None)


def _owner(folder: Path) -> Identity:
    """Who owns `folder`; a folder left to root by an interrupted start is handed to the servant."""
    state = folder.stat()
    if state.st_uid == 0:
        identity = servant()
        os.chown(folder, identity.uid, identity.gid)
        return identity
    try:
        entry = pwd.getpwuid(state.st_uid)
    except KeyError:
        return Identity(str(state.st_uid), state.st_uid, state.st_gid)
    return Identity(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _create_owned(folder: Path, identity: Identity) -> None:
    folder.mkdir(mode=0o700)
    folder.chmod(0o700)
    os.chown(folder, identity.uid, identity.gid)


def mark(path: Path) -> str:
    """A short stable name for a path, so that several checkouts on one machine stay apart."""
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]


def _note(wanted: Path, identity: Identity, moved: Path) -> str:
    return f"{wanted.parent} tertutup bagi pengguna {identity.name}; data {wanted.name} disimpan di {moved}"
