"""Only whole recordings that a browser plays are taken, judged by what is inside."""

from __future__ import annotations

import struct

import pytest

from tenants.queueing.speech import LANGUAGES, spoken_words
from tenants.sound.errors import RecordingError
from tenants.sound.recording import checked
from tests.sound.making import national, page, vorbis, wav


def test_every_national_recording_is_itself_a_good_one() -> None:
    for language in LANGUAGES:
        for unit in spoken_words(language):
            found = checked(national(f"{language}/{unit}"))
            assert found.content_type == "audio/ogg" and 200 <= found.milliseconds <= 2000, unit


def test_wav_and_vorbis_are_taken_with_their_length() -> None:
    assert (checked(wav(0.4)).content_type, checked(wav(0.4)).milliseconds) == ("audio/wav", 400)
    assert checked(wav(0.5, 44_100, 2)).milliseconds == 500
    assert (checked(vorbis(0.5)).content_type, checked(vorbis(0.5)).milliseconds) == ("audio/ogg", 500)


def refused(content: bytes) -> str:
    with pytest.raises(RecordingError) as error:
        checked(content)
    return str(error.value)


def test_what_is_no_recording_is_refused_with_a_reason() -> None:
    assert "kosong" in refused(b"")
    assert "bukan Ogg" in refused(b"ID3\x04" + bytes(500))
    assert "bukan Ogg" in refused(b"\x89PNG\r\n\x1a\n" + bytes(500))
    assert "bukan Ogg" in refused(b"<script>alert(1)</script>")
    assert "200 kB" in refused(wav(5, 44_100))
    assert "6 detik" in refused(wav(7, 8_000))
    assert "terlalu pendek" in refused(wav(0.01))
    assert "cuplikan" in refused(wav(0.4, 96_000)) and "cuplikan" in refused(wav(0.2, 22_050, 3))


def test_a_wav_must_be_whole_pcm() -> None:
    good = wav()
    assert "terpotong" in refused(good[:-100])
    assert "terpotong" in refused(good[:20])
    assert "bukan WAV PCM" in refused(good[:20] + struct.pack("<H", 3) + good[22:])
    assert "bukan WAV PCM" in refused(good[:20] + struct.pack("<H", 0x55) + good[22:])
    assert "rusak" in refused(good[:24] + struct.pack("<I", 0) + good[28:])
    assert "rusak" in refused(b"RIFF\x04\x00\x00\x00AVI ")


@pytest.mark.parametrize("cut", [1, 30, 200])
def test_an_ogg_must_be_whole(cut: int) -> None:
    assert "terpotong" in refused(national("id/nol")[:-cut])


def test_an_ogg_that_was_changed_or_is_something_else_is_refused() -> None:
    good = national("id/nol")
    assert "rusak" in refused(good[:-1] + bytes([good[-1] ^ 1]))
    assert "rusak" in refused(good + b"tail")
    assert "lebih dari satu" in refused(good + vorbis())
    assert "bukan Opus" in refused(page(b"\x80theora" + bytes(40), 0, flags=2) + page(b"x", 1, 900, 4))
    assert "bukan Opus" in refused(page(b"fishead\x00" + bytes(40), 0, flags=2))
    # A page is missing in the middle.
    assert "rusak" in refused(vorbis()[:58] + page(bytes(300), 5, 9000, 4))
    # No page says how long it is.
    assert "terlalu pendek" in refused(page(b"OpusHead\x01\x01" + bytes(20), 0, flags=2))


def test_a_length_that_lies_is_refused() -> None:
    assert "6 detik" in refused(vorbis(60))
