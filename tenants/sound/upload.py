"""From what was uploaded (one recording, or a zip of many) to units of the voice: all of them, or none."""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath

from mpp.storage.errors import FileRefusedError
from mpp.storage.service import scan
from tenants.queueing.speech import LANGUAGES, spoken_words
from tenants.sound.errors import RecordingError, UploadError
from tenants.sound.recording import MOST_BYTES, Recording, checked

MOST_FILES = 200
PROBLEMS_SHOWN = 12
# What file managers put into a zip by themselves.
JUNK = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class Unit:
    """A checked recording and which unit it is."""

    language: str
    name: str
    recording: Recording


def received(filename: str, content: bytes, language: str, name: str | None = None) -> list[Unit]:
    """Return the units of an upload that the virus scanner has seen first. Raises UploadError."""
    try:
        scan(content)
    except FileRefusedError as error:
        raise UploadError([str(error)]) from None
    return units_in(filename, content, language, name)


def units_in(filename: str, content: bytes, language: str, name: str | None = None) -> list[Unit]:
    """Return the units of an upload. A recording is the unit `name`, or the one its file is called.

    In a zip each file is called as its unit ("nol.ogg"), in a folder "id" or "en" where it isn't of `language`.
    Raises UploadError, which names every problem.
    """
    if zipfile.is_zipfile(io.BytesIO(content)):
        return _unpacked(content, language)
    wanted = f"{name}.ogg" if name else filename
    return _all([(filename, wanted, content)], language)


def _unpacked(content: bytes, language: str) -> list[Unit]:
    files: list[tuple[str, str, bytes]] = []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _junk(entry)]
            if len(entries) > MOST_FILES:
                raise UploadError(
                    [f"Zip berisi lebih dari {MOST_FILES} berkas. Unggah dalam beberapa bagian."]
                )
            for entry in entries:
                # Never more than one byte over the limit, whatever the zip says of its sizes.
                with archive.open(entry) as file:
                    files.append((entry.filename, entry.filename, file.read(MOST_BYTES + 1)))
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        # RuntimeError and NotImplementedError: a password, or a packing that nobody needs here.
        raise UploadError(
            ["Zip rusak atau dikunci. Buat zip biasa tanpa kata sandi, lalu unggah lagi."]
        ) from error
    if not files:
        raise UploadError(["Zip itu kosong. Isi dengan rekaman bernama seperti “nol.ogg”."])
    return _all(files, language)


def _all(files: list[tuple[str, str, bytes]], language: str) -> list[Unit]:
    found: dict[tuple[str, str], Unit] = {}
    problems: list[str] = []
    for shown, named, content in files:
        spoken, unit = _named(named, language)
        label = PurePosixPath(shown).name or "berkas"
        if unit not in spoken_words(spoken):
            problems.append(f"{label}: tidak ada kata bernama “{unit}”. Beri nama seperti di daftar.")
        elif (spoken, unit) in found:
            problems.append(f"{label}: “{unit}” ada dua kali. Sisakan satu.")
        else:
            try:
                found[spoken, unit] = Unit(spoken, unit, checked(content))
            except RecordingError as error:
                problems.append(f"{label}: {error}")
    if problems:
        more = len(problems) - PROBLEMS_SHOWN
        raise UploadError(problems[:PROBLEMS_SHOWN] + ([f"dan {more} berkas lain."] if more > 0 else []))
    return list(found.values())


def _named(path: str, language: str) -> tuple[str, str]:
    """Language and unit that a file's place says: "en/two.ogg"."""
    place = PurePosixPath(path.replace("\\", "/"))
    folder = place.parent.name.lower()
    return (folder if folder in LANGUAGES else language), place.stem.strip().lower()


def _junk(entry: zipfile.ZipInfo) -> bool:
    return any(part in JUNK or part.startswith("._") for part in PurePosixPath(entry.filename).parts)
