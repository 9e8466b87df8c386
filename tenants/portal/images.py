"""Uploaded images: judged by their content, drawn anew without anything but pixels, and small enough for a phone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from io import BytesIO

from PIL import (
    Image,
    ImageOps,
    UnidentifiedImageError,
    WebPImagePlugin,  # noqa: F401  # being imported registers the decoder, which Pillow leaves out at first
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from mpp.storage.errors import FileRefusedError
from mpp.storage.service import scan
from tenants.portal.errors import ImageRefusedError
from tenants.portal.models import Asset

# Raster formats only. SVG is a document that can carry script, so it is never taken.
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
# A JPEG with several pictures inside calls itself MPO.
OPENED_AS = {*FORMATS, "MPO"}
MOST_BYTES_IN = 4 * 1024 * 1024
MOST_SIDE = 4000
# The whole first view of a page may weigh 60 kB, so a logo is half of that at most; the table checks it too.
MOST_BYTES_OUT = 30 * 1024
SIZES = (512, 384, 320, 256, 192, 128, 96, 64)
QUALITIES = (90, 80, 70, 60)
CONTENT_TYPE = "image/webp"


@dataclass(frozen=True, slots=True)
class Picture:
    """A re-encoded image: WebP of at most 30 kB, its sides at most 512 px."""

    content: bytes
    width: int
    height: int

    @property
    def sha256(self) -> str:
        """The hash of the bytes: its address."""
        return hashlib.sha256(self.content).hexdigest()


def redraw(data: bytes) -> Picture:
    """Return `data` as a picture of ours. The sender's file name and type are never looked at.

    Of an animation only the first picture is kept. Raises ImageRefusedError with what to do next.
    """
    if not data:
        raise ImageRefusedError("Berkas itu kosong. Pilih berkas gambar lain.")
    if len(data) > MOST_BYTES_IN:
        raise ImageRefusedError("Berkas terlalu besar. Pilih gambar paling besar 4 MB.")
    image = _pixels(data)
    image.thumbnail((SIZES[0], SIZES[0]), Image.Resampling.LANCZOS)
    for size in SIZES:
        fitted = image.copy()
        fitted.thumbnail((size, size), Image.Resampling.LANCZOS)
        # None: without loss, which flat logos bear best; then ever coarser.
        for quality in (None, *QUALITIES):
            content = _encode(fitted, quality)
            if len(content) <= MOST_BYTES_OUT:
                return Picture(content, fitted.width, fitted.height)
    # 64 px hold 16 kB of raw pixels, so this is never reached with a sound encoder.
    raise ImageRefusedError("Gambar tidak bisa diperkecil. Pilih gambar yang lebih sederhana.")


def looked_at(data: bytes) -> Picture:
    """Return an upload as a picture of ours, once the virus scanner has seen it. Raises ImageRefusedError."""
    try:
        scan(data)
    except FileRefusedError as error:
        raise ImageRefusedError(str(error)) from None
    return redraw(data)


def keep(session: Session, picture: Picture) -> str:
    """Keep a picture in the region at hand and return its address (sha256).

    Pictures are never removed while the region lives: earlier versions of the portal point to them.
    """
    session.execute(
        insert(Asset)
        .values(
            sha256=picture.sha256,
            content_type=CONTENT_TYPE,
            content=picture.content,
            width=picture.width,
            height=picture.height,
        )
        .on_conflict_do_nothing(index_elements=[Asset.sha256])
    )
    return picture.sha256


def _pixels(data: bytes) -> Image.Image:
    """Decode the first picture of `data`, upright, as RGB or RGBA, with no metadata left."""
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            # Read from the header, before any pixel is unpacked: a bomb is refused unopened.
            if image.format not in OPENED_AS:
                raise ImageRefusedError(_WRONG_KIND)
            if max(image.size) > MOST_SIDE:
                raise ImageRefusedError(_too_wide(image))
            image.load()
            upright = ImageOps.exif_transpose(image)
            return _plain(upright)
    except ImageRefusedError:
        raise
    except UnidentifiedImageError as error:
        raise ImageRefusedError(_WRONG_KIND) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageRefusedError(_too_wide(None)) from error
    # Pillow's decoders raise a dozen kinds of error on broken files; each means the same to the sender.
    except Exception as error:
        raise ImageRefusedError(
            "Gambar rusak dan tidak bisa dibaca. Simpan ulang gambarnya, lalu coba lagi."
        ) from error


_WRONG_KIND = "Jenis berkas ini tidak diterima. Pakai gambar PNG, JPEG, WebP, atau GIF (bukan SVG)."

_BROKEN = "Gambar rusak dan tidak bisa dibaca. Simpan ulang gambarnya, lalu coba lagi."


def _too_wide(image: Image.Image | None) -> str:
    size = f" ({image.width} kali {image.height} piksel)" if image else ""
    return f"Ukuran gambar terlalu besar{size}. Perkecil sampai {MOST_SIDE} kali {MOST_SIDE} piksel."


def _plain(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # 16 bits a pixel: keep the upper eight instead of cutting off at white.
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    plain = image.convert("RGBA" if image.has_transparency_data else "RGB")
    plain.info = {}
    return plain


def _encode(image: Image.Image, quality: int | None) -> bytes:
    buffer = BytesIO()
    if quality is None:
        image.save(buffer, "WEBP", lossless=True, method=4)
    else:
        image.save(buffer, "WEBP", quality=quality, alpha_quality=quality, method=4)
    return buffer.getvalue()
