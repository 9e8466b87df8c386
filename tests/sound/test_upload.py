"""One recording or a zip of many: all of them are taken, or none and every problem is named."""

from __future__ import annotations

import io
import zipfile

import pytest

from tenants.queueing.speech import LANGUAGES, spoken_words
from tenants.sound.errors import UploadError
from tenants.sound.upload import MOST_FILES, units_in
from tests.sound.making import national, packed, wav


def names(
    content: bytes, filename: str = "suara.zip", language: str = "id", unit: str | None = None
) -> list[str]:
    return [f"{found.language}/{found.name}" for found in units_in(filename, content, language, unit)]


def problems(content: bytes, filename: str = "suara.zip") -> list[str]:
    with pytest.raises(UploadError) as error:
        units_in(filename, content, "id")
    return error.value.problems


def test_a_single_recording_is_named_by_its_file_or_by_choice() -> None:
    assert names(national("id/nol"), "NOL.ogg") == ["id/nol"]
    assert names(national("id/nol"), "C:\\rekaman\\two.ogg", "en") == ["en/two"]
    assert names(wav(), "Rekaman 12.wav", "id", "silakan-menuju-loket") == ["id/silakan-menuju-loket"]
    assert "tidak ada kata bernama “rekaman 12”" in problems(wav(), "Rekaman 12.wav")[0]


def test_a_zip_of_the_whole_voice_is_taken() -> None:
    files = {
        f"{lang}/{unit}.ogg": national(f"{lang}/{unit}") for lang in LANGUAGES for unit in spoken_words(lang)
    }
    junk = {"__MACOSX/id/._nol.ogg": b"x", "id/.DS_Store": b"x", "Thumbs.db": b"x"}
    assert sorted(names(packed(files | junk))) == sorted(key.removesuffix(".ogg") for key in files)
    assert names(packed({"suara kami/nol.ogg": national("id/nol")})) == ["id/nol"]


def test_one_bad_file_refuses_the_zip_and_all_problems_are_told() -> None:
    found = problems(packed({
        "nol.ogg": national("id/nol"), "satu.mp3": b"ID3" + bytes(99), "kosong.ogg": wav(), "dua.wav": wav(7, 8_000),
        "id/nol.wav": wav(),
    }))  # fmt: skip
    assert len(found) == 4
    assert any(line.startswith("satu.mp3: bukan Ogg") for line in found)
    assert any(line.startswith("kosong.ogg: tidak ada kata") for line in found)
    assert any(line.startswith("dua.wav: lebih lama") for line in found)
    assert any("ada dua kali" in line for line in found)
    many = problems(packed({f"x{number}.ogg": b"" for number in range(40)}))
    assert len(many) == 13 and many[-1] == "dan 28 berkas lain."


def test_a_zip_that_is_a_trap_is_refused() -> None:
    bomb = packed({"nol.wav": bytes(50_000_000)})
    assert len(bomb) < 100_000 and "200 kB" in problems(bomb)[0]
    assert str(MOST_FILES) in problems(packed({f"{number}.ogg": b"x" for number in range(MOST_FILES + 1)}))[0]
    good = packed({"nol.ogg": national("id/nol")})
    assert "bukan Ogg" in problems(good[: len(good) // 2], "nol.ogg")[0]
    broken = bytearray(good)
    broken[60] ^= 0xFF
    assert "rusak" in problems(bytes(broken))[0]
    assert "kosong" in problems(packed({}))[0]
    locked = bytearray(good)
    # The flag "encrypted" in both headers of the entry.
    locked[6] |= 1
    locked[good.index(b"PK\x01\x02") + 8] |= 1
    assert zipfile.ZipFile(io.BytesIO(bytes(locked))).infolist()[0].flag_bits & 1
    assert "dikunci" in problems(bytes(locked))[0]
