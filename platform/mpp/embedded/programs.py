"""Server programs that the unprivileged user can run: where they are, or a copy of them.

As root the servers run as another user (see `mpp.embedded.privileges`), which can't get at programs
of a virtual environment below a closed folder. Then a copy below `STATE` serves, one per version.
"""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from mpp.embedded import privileges
from mpp.embedded.errors import EmbeddedError
from mpp.embedded.privileges import Identity


@dataclass(frozen=True)
class Programs:
    """Programs of one server.

    `root`/`folder` holds the program `probe`; `parts` are what must be copied together, relative to
    `root`, because the programs look for libraries and data beside themselves. Without parts the
    programs are not ours to copy. `version` is a name such as `pg-18.6.3`.
    """

    root: Path
    folder: str
    probe: str
    version: str
    parts: tuple[str, ...] = ()


def reachable(programs: Programs, identity: Identity | None) -> tuple[Path, bool]:
    """Return the folder of the programs that `identity` can run, and whether it is a copy.

    The copy is made once per version, belongs to root and is readable to all. EmbeddedError when
    the programs are out of reach and not ours to copy.
    """
    folder = programs.root / programs.folder
    probe = folder / programs.probe
    if identity is None or (privileges.can_enter(identity, probe) and privileges.can_read(identity, probe)):
        return folder, False
    if not programs.parts:
        raise EmbeddedError(
            f"{probe} tidak dapat dijalankan pengguna {identity.name}. Pilih program lain lewat MPP_PG_BIN."
        )
    copy = privileges.STATE / privileges.mark(programs.root) / programs.version
    if not copy.exists():
        _copy(programs, copy)
    return copy / programs.folder, True


def _copy(programs: Programs, copy: Path) -> None:
    """Copy beside the final place and rename, so that half a copy never counts."""
    privileges.make_folder(copy.parent)
    partial = Path(tempfile.mkdtemp(prefix=f".{programs.version}-", dir=copy.parent))
    try:
        for part in programs.parts:
            source, target = programs.root / part, partial / part
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("include"))
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)
        _make_readable(partial)
        partial.rename(copy)
    except OSError:
        if not copy.exists():  # else another start finished first, and its copy serves
            raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _make_readable(root: Path) -> None:
    """Make a copy of ours readable to all, whatever the umask of the installation was."""
    root.chmod(0o755)
    for path in root.rglob("*"):
        runs = path.is_dir() or path.stat().st_mode & 0o100
        path.chmod(0o755 if runs else 0o644)
