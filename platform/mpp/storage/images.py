"""Photographs of documents: drawn anew, so that nothing but pixels is kept; where and when they were taken is gone."""

from __future__ import annotations

from io import BytesIO

from PIL import (
    Image,
    ImageOps,
    WebPImagePlugin,  # noqa: F401  # being imported registers the decoder, which Pillow leaves out at first
)

from mpp.storage.errors import FileRefusedError
from mpp.storage.kinds import Kind

FORMATS = {Kind.JPEG: "JPEG", Kind.PNG: "PNG", Kind.WEBP: "WEBP"}
# A JPEG with several pictures inside calls itself MPO; only its first is kept.
OPENED_AS = {Kind.JPEG: {"JPEG", "MPO"}, Kind.PNG: {"PNG"}, Kind.WEBP: {"WEBP"}}
# A telephone of 2026 takes 12 to 50 million pixels; unpacked they take three bytes each.
MOST_PIXELS = 50_000_000
MOST_RATIO = 20
# A4 at 260 dots an inch: small print stays legible.
LONGEST_SIDE = 3000
QUALITY = 85


def redraw(data: bytes, kind: Kind) -> bytes:
    """Return the picture in the same kind, upright, bounded, without metadata. Raises FileRefusedError."""
    try:
        with Image.open(BytesIO(data), formats=(FORMATS[kind],)) as image:
            # Read from the header, before any pixel is unpacked: a bomb is refused unopened.
            if image.format not in OPENED_AS[kind]:
                raise FileRefusedError(_BROKEN)
            _check_size(*image.size)
            image.load()
            upright = ImageOps.exif_transpose(image)
            return _encode(upright, kind)
    except FileRefusedError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise FileRefusedError(_TOO_LARGE) from error
    # Pillow's decoders raise a dozen kinds of error on broken files; each means the same to the sender.
    except Exception as error:
        raise FileRefusedError(_BROKEN) from error


_BROKEN = "Gambar rusak dan tidak bisa dibaca. Foto ulang, lalu kirim lagi."
_TOO_LARGE = "Ukuran gambar terlalu besar. Foto ulang dengan ukuran biasa, lalu kirim lagi."


def _check_size(width: int, height: int) -> None:
    if (
        width < 1
        or height < 1
        or width * height > MOST_PIXELS
        or max(width, height) > MOST_RATIO * min(width, height)
    ):
        raise FileRefusedError(_TOO_LARGE)


def _encode(image: Image.Image, kind: Kind) -> bytes:
    if image.mode.startswith("I"):
        # 16 bits a pixel: keep the upper eight instead of cutting off at white.
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    plain = image.convert("RGBA" if image.has_transparency_data and kind is not Kind.JPEG else "RGB")
    plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    # A picture of ours: pixels are copied, whatever else hung on the old object is not.
    fresh = Image.new(plain.mode, plain.size)
    fresh.paste(plain)
    buffer = BytesIO()
    options = {} if kind is Kind.PNG else {"quality": QUALITY}
    fresh.save(buffer, FORMATS[kind], **options)
    return buffer.getvalue()
