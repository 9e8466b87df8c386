"""What is taken: judged by its bytes, redrawn or looked through; and what is not."""

from __future__ import annotations

import io
import struct
import zlib

import pikepdf
import pytest
from PIL import Image

from mpp.storage import documents, images
from mpp.storage.errors import FileRefusedError
from mpp.storage.kinds import MOST_BYTES, Kind, sniff
from tests.support.files import pdf, picture


@pytest.mark.parametrize(("kind", "name"), [(Kind.JPEG, "JPEG"), (Kind.PNG, "PNG"), (Kind.WEBP, "WEBP")])
def test_pictures_are_drawn_anew_in_their_own_kind(kind: Kind, name: str) -> None:
    data = picture(name)
    assert sniff(data) is kind
    again = images.redraw(data, kind)
    assert sniff(again) is kind
    with Image.open(io.BytesIO(again)) as image:
        assert image.size == (600, 400)
        red, green, _blue = image.convert("RGB").getpixel((10, 10))
        assert green > 150 > red


def test_where_and_when_a_photograph_was_taken_is_gone() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Telepon Siti"
    exif[0x0132] = "2026:11:24 10:00:00"
    exif.get_ifd(0x8825)[2] = (0.0, 18.0, 30.0)
    data = picture("JPEG", exif=exif, comment=b"rahasia")
    assert b"Telepon Siti" in data and b"rahasia" in data
    again = images.redraw(data, Kind.JPEG)
    assert b"Telepon" not in again and b"rahasia" not in again and b"Exif" not in again
    with Image.open(io.BytesIO(again)) as image:
        assert dict(image.getexif()) == {}


def test_a_turned_photograph_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(io.BytesIO(images.redraw(picture("JPEG", exif=exif), Kind.JPEG))) as image:
        assert image.size == (400, 600)


def test_a_huge_photograph_is_made_smaller() -> None:
    with Image.open(io.BytesIO(images.redraw(picture("JPEG", (5000, 4000)), Kind.JPEG))) as image:
        assert image.size == (3000, 2400)


def test_a_decompression_bomb_is_refused_by_its_header_alone() -> None:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack("!I", len(data)) + name + data + struct.pack("!I", zlib.crc32(name + data))

    header = struct.pack("!IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 10**6))
        + chunk(b"IEND", b"")
    )
    with pytest.raises(FileRefusedError, match="terlalu besar"):
        images.redraw(bomb, Kind.PNG)
    with pytest.raises(FileRefusedError, match="terlalu besar"):
        images.redraw(picture("PNG", (4000, 20)), Kind.PNG)


def test_a_picture_with_something_behind_it_keeps_only_pixels() -> None:
    data = picture("PNG") + b"<script>alert(1)</script>PK\x03\x04"
    assert b"script" not in images.redraw(data, Kind.PNG)


@pytest.mark.parametrize(
    "data",
    [
        b"GIF89a" + b"\0" * 50, b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", b"PK\x03\x04 docx", b"MZ exe",
        b"\n%PDF-1.4", b"%!PS", b"RIFF....AVI ", b"not a picture",
    ],
)  # fmt: skip
def test_other_kinds_are_refused_whatever_they_call_themselves(data: bytes) -> None:
    with pytest.raises(FileRefusedError, match="tidak diterima"):
        sniff(data)


def test_nothing_and_too_much_are_refused() -> None:
    with pytest.raises(FileRefusedError, match="kosong"):
        sniff(b"")
    with pytest.raises(FileRefusedError, match="10 MB"):
        sniff(b"%PDF-" + b"0" * MOST_BYTES)


@pytest.mark.parametrize("kind", [Kind.JPEG, Kind.PNG, Kind.WEBP])
def test_a_signature_alone_is_no_picture(kind: Kind) -> None:
    begins = {
        Kind.JPEG: b"\xff\xd8\xff\xe0",
        Kind.PNG: b"\x89PNG\r\n\x1a\n",
        Kind.WEBP: b"RIFF\x10\0\0\0WEBPVP8 ",
    }
    for data in (begins[kind] + b"\0" * 200, picture(kind.value.rpartition("/")[2].upper())[:300]):
        with pytest.raises(FileRefusedError, match="rusak"):
            images.redraw(data, kind)
    other = Kind.PNG if kind is not Kind.PNG else Kind.JPEG
    with pytest.raises(FileRefusedError):
        images.redraw(picture(other.value.rpartition("/")[2].upper()), kind)


def test_an_ordinary_pdf_is_taken() -> None:
    def plain(document: pikepdf.Pdf) -> None:
        document.Root.OpenAction = pikepdf.Array([document.pages[0].obj, pikepdf.Name.Fit])
        link = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9],
            A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://mpp.example"),
        )  # fmt: skip
        document.pages[0].Annots = pikepdf.Array([document.make_indirect(link)])

    documents.check(pdf())
    documents.check(pdf(plain))


def action(kind: str, **more: object) -> object:
    def change(document: pikepdf.Pdf) -> None:
        act = pikepdf.Dictionary(S=pikepdf.Name("/" + kind), **more)
        document.Root.OpenAction = document.make_indirect(act)

    return change


def attached(document: pikepdf.Pdf) -> None:
    document.attachments["nota.exe"] = b"MZ" * 50


def hidden(document: pikepdf.Pdf) -> None:
    """Deep inside of direct objects, reached from no page."""
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    document.make_indirect(
        pikepdf.Array([1, pikepdf.Array([2, pikepdf.Dictionary(X=pikepdf.Array([script]))])])
    )
    document.Root.Hidden = document.make_indirect(pikepdf.Dictionary(A=pikepdf.Array([script])))


def form(document: pikepdf.Pdf) -> None:
    document.Root.AcroForm = pikepdf.Dictionary(XFA=pikepdf.String("<xdp/>"))


def page_action(document: pikepdf.Pdf) -> None:
    document.pages[0].AA = pikepdf.Dictionary(
        O=pikepdf.Dictionary(S=pikepdf.Name.Named, N=pikepdf.Name.Print)
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (action("JavaScript", JS="app.alert(1)"), "program"),
        (action("Launch", F="cmd.exe"), "program"),
        (action("SubmitForm", F="https://jahat.example"), "program"),
        (action("ImportData", F="x"), "program"),
        (action("GoToE", D="x"), "program"),
        (hidden, "program"),
        (form, "program"),
        (page_action, "program"),
        (attached, "berkas lain"),
    ],
)
def test_a_pdf_that_does_something_is_refused(change: object, words: str) -> None:
    with pytest.raises(FileRefusedError, match=words):
        documents.check(pdf(change))


def test_names_written_in_disguise_are_read_as_they_are() -> None:
    data = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/Java#53cript/J#53(app.alert\\(1\\))>>>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
        b"trailer<</Root 1 0 R>>"
    )
    with pytest.raises(FileRefusedError, match="program"):
        documents.check(data)


def test_a_locked_and_a_broken_pdf_are_refused() -> None:
    document = pikepdf.new()
    document.add_blank_page()
    buffer = io.BytesIO()
    document.save(buffer, encryption=pikepdf.Encryption(owner="o", user="u"))
    with pytest.raises(FileRefusedError, match="dikunci"):
        documents.check(buffer.getvalue())
    for broken in (b"%PDF-1.7\n", pdf()[:200], b"%PDF-1.7\n" + b"\xff" * 5000):
        with pytest.raises(FileRefusedError, match="rusak"):
            documents.check(broken)


def test_a_pdf_of_too_many_pages_is_refused() -> None:
    def long(document: pikepdf.Pdf) -> None:
        for _ in range(301):
            document.add_blank_page(page_size=(9, 9))

    with pytest.raises(FileRefusedError, match="300"):
        documents.check(pdf(long))
