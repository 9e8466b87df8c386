"""The dossier as a sheet to print or hand over: A4, with page numbers, in a font that has every Latin letter."""

from __future__ import annotations

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from mpp.i18n import gettext as _
from mpp.privacy.dossier import Dossier, lines
from mpp.settings import ROOT

# The core fonts of PDF end at Latin-1: names and the dots of covered numbers go beyond it. See fonts/LICENSE.
FONTS = ROOT / "platform" / "mpp" / "privacy" / "fonts"
MARGIN = 20
# Style: size in points, bold, space above in mm, indent in mm, grey.
STYLES = {
    "title": (20, True, 0, 0, 0),
    "head": (13, True, 6, 0, 0),
    "note": (9, False, 0.5, 0, 90),
    "item": (10.5, True, 2.5, 4, 0),
    "fact": (10.5, False, 0.5, 4, 0),
}
# A heading is never the last line of a page.
KEPT_TOGETHER = {"title": 40, "head": 34, "item": 16, "note": 6, "fact": 6}


class _Sheet(FPDF):
    def __init__(self, place: str) -> None:
        super().__init__(format="A4")
        self._place = place
        self.add_font("DejaVu", fname=FONTS / "DejaVuSans.ttf")
        self.add_font("DejaVu", style="B", fname=FONTS / "DejaVuSans-Bold.ttf")
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(True, margin=MARGIN + 5)
        self.set_title(_("Data saya"))
        self.set_lang("id")
        self.set_creator("MPP Digital")
        self.add_page()

    def footer(self) -> None:
        """Write whose sheet and which page it is at the bottom of every page."""
        self.set_y(-MARGIN)
        self.set_font("DejaVu", size=8)
        self.set_text_color(90)
        page = _("Halaman %(page)s dari %(pages)s", page=self.page_no(), pages="{nb}")
        self.cell(0, 5, f"{self._place} · {page}", align="C")


def as_pdf(dossier: Dossier) -> bytes:
    """Return the dossier as a PDF file."""
    sheet = _Sheet(dossier.place)
    for style, text in lines(dossier):
        size, bold, above, indent, grey = STYLES[style]
        if sheet.will_page_break(above + KEPT_TOGETHER[style]):
            sheet.add_page()
        elif above:
            sheet.set_y(sheet.get_y() + above)
        sheet.set_font("DejaVu", style="B" if bold else "", size=size)
        sheet.set_text_color(grey)
        sheet.set_x(MARGIN + indent)
        sheet.multi_cell(0, size * 0.5, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    return bytes(sheet.output())
