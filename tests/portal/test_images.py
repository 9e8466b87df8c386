"""Uploaded logos: judged by content, drawn anew, never heavier than 30 kB."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tenants.portal.errors import ImageRefusedError
from tenants.portal.images import MOST_BYTES_IN, MOST_BYTES_OUT, redraw

SVG = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><rect width="9"/></svg>'
)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_each_kind_is_drawn_anew_as_webp(kind: str) -> None:
    picture = redraw(encoded(Image.new("RGB", (800, 300), "#9b1c2e"), kind))
    drawn = opened(picture.content)
    assert drawn.format == "WEBP"
    assert drawn.size == (picture.width, picture.height) == (512, 192)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_each_mode_of_png_is_read(mode: str) -> None:
    assert redraw(encoded(Image.new(mode, (40, 40)), "PNG")).width == 40


def test_small_pictures_are_not_blown_up() -> None:
    assert redraw(encoded(Image.new("RGB", (20, 10)), "PNG")).width == 20


def test_transparency_stays() -> None:
    image = Image.new("RGBA", (100, 100), (155, 28, 46, 0))
    image.paste((155, 28, 46, 255), (0, 0, 50, 100))
    drawn = opened(redraw(encoded(image, "PNG")).content).convert("RGBA")
    assert drawn.getpixel((10, 50)) == (155, 28, 46, 255)
    assert drawn.getpixel((90, 50))[3] == 0  # type: ignore[index]  # RGBA gives four numbers


def test_only_the_first_picture_of_an_animation_is_kept() -> None:
    frames = [Image.new("RGB", (60, 60), colour) for colour in ("#ff0000", "#00ff00", "#0000ff")]
    drawn = opened(redraw(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])).content)
    assert getattr(drawn, "n_frames", 1) == 1
    red, green, _blue = drawn.convert("RGB").getpixel((30, 30))  # type: ignore[misc]  # RGB gives three numbers
    assert red > 200 and green < 60


def test_what_a_camera_wrote_is_gone_and_the_picture_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010E] = "rumah Ibu Siti"
    info = PngInfo()
    info.add_text("Comment", "rahasia-di-gambar")
    for data in (
        encoded(Image.new("RGB", (200, 100)), "JPEG", exif=exif, comment=b"rahasia-di-gambar"),
        encoded(Image.new("RGB", (200, 100)), "PNG", exif=exif, pnginfo=info),
    ):
        picture = redraw(data)
        assert (picture.width, picture.height) == (100, 200)
        assert b"rahasia" not in picture.content and b"Siti" not in picture.content
        assert b"EXIF" not in picture.content and b"XMP" not in picture.content


@pytest.mark.parametrize(
    "script",
    [
        b"<script>alert(1)</script>",
        b"<?php system($_GET[0]); ?>",
        b"PK\x03\x04" + b"\0" * 60,
        b"%PDF-1.7 /JS",
    ],
)
def test_a_picture_that_is_also_something_else_comes_out_as_pixels_only(script: bytes) -> None:
    info = PngInfo()
    info.add_text("x", script.decode("latin-1"))
    for data in (
        encoded(Image.new("RGB", (30, 30)), "PNG", pnginfo=info) + script,
        encoded(Image.new("RGB", (30, 30)), "GIF", comment=script) + script,
        encoded(Image.new("RGB", (30, 30)), "JPEG", comment=script) + script,
    ):
        assert script not in redraw(data).content


@pytest.mark.parametrize(
    "data",
    [
        SVG,
        b"\xef\xbb\xbf" + SVG,
        b"<html><script>alert(1)</script></html>",
        b"GIF",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"\x7fELF" + b"\0" * 200,
        b"nama,alamat\n1,2\n",
    ],
)
def test_what_is_no_raster_image_is_refused(data: bytes) -> None:
    with pytest.raises(ImageRefusedError, match=r"PNG, JPEG, WebP, atau GIF"):
        redraw(data)


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "ICO", "PPM"])
def test_other_kinds_of_image_are_refused(kind: str) -> None:
    with pytest.raises(ImageRefusedError, match="tidak diterima"):
        redraw(encoded(Image.new("RGB", (16, 16)), kind))


def test_an_empty_and_a_heavy_file_are_refused() -> None:
    with pytest.raises(ImageRefusedError, match="kosong"):
        redraw(b"")
    with pytest.raises(ImageRefusedError, match="4 MB"):
        redraw(b"\x89PNG" + b"\0" * MOST_BYTES_IN)


def png_header(width: int, height: int, body: bytes = b"") -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [4001, 10_000, 30_000, 2_000_000])
def test_a_bomb_is_refused_from_its_header(side: int) -> None:
    # A few kilobytes that would unpack to gigabytes of pixels.
    data = png_header(side, side, zlib.compress(b"\0" * 1_000_000, 9))
    with pytest.raises(ImageRefusedError, match="terlalu besar"):
        redraw(data)


def test_a_bomb_in_a_comment_is_refused() -> None:
    text = b"Comment\0\0" + zlib.compress(b"a" * 80_000_000, 9)
    chunk = struct.pack(">I", len(text)) + b"zTXt" + text + struct.pack(">I", zlib.crc32(b"zTXt" + text))
    whole = encoded(Image.new("RGB", (8, 8)), "PNG")
    with pytest.raises(ImageRefusedError, match="rusak"):
        redraw(whole[:33] + chunk + whole[33:])


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_file_cut_short_is_refused_in_plain_words(kind: str) -> None:
    whole = encoded(Image.effect_noise((200, 200), 90), kind)
    with pytest.raises(ImageRefusedError, match=r"rusak|tidak diterima"):
        redraw(whole[: len(whole) // 3])


@settings(max_examples=25, deadline=None)
@given(
    width=st.integers(1, 900),
    height=st.integers(1, 900),
    sigma=st.floats(0, 400),
    mode=st.sampled_from(["L", "RGB", "RGBA"]),
)
def test_every_picture_is_at_most_30_kb_and_512_px(width: int, height: int, sigma: float, mode: str) -> None:
    bands = [Image.effect_noise((width, height), sigma) for _ in mode]
    image = Image.merge(mode, bands) if len(mode) > 1 else bands[0]
    picture = redraw(encoded(image, "PNG", compress_level=1))
    assert len(picture.content) <= MOST_BYTES_OUT
    assert 1 <= max(picture.width, picture.height) <= 512


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP"]),
)
def test_noise_never_breaks_it(noise: bytes, magic: bytes) -> None:
    try:
        told = ""
        size = len(redraw(magic + noise).content)
    except ImageRefusedError as error:
        told, size = str(error), 0
    assert size <= MOST_BYTES_OUT
    assert size or told.endswith(("lain.", "coba lagi.", "(bukan SVG).", "piksel."))


def test_the_same_picture_has_the_same_address() -> None:
    data = encoded(Image.new("RGB", (50, 50), "#9b1c2e"), "PNG")
    assert redraw(data).sha256 == redraw(data).sha256
