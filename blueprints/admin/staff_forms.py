"""Forms of the region's staff."""

from __future__ import annotations

from wtforms import EmailField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Regexp

from blueprints.admin.fields import at_most, tidy
from blueprints.admin.forms import SeenForm, required
from mpp.accounts.links import Post
from mpp.accounts.models import Role
from tenants.hall import queries

ROLES = (
    (Role.ADMIN.value, "Admin"),
    (Role.OFFICER.value, "Petugas loket"),
    (Role.AGENCY_OFFICER.value, "Petugas instansi"),
    (Role.RECEPTIONIST.value, "Resepsionis"),
    (Role.READER.value, "Pembaca"),
)
ROLE_NOTES = {
    Role.ADMIN.value: "Mengatur layanan, gedung, loket, petugas, dan tampilan portal. Wajib memakai faktor kedua.",
    Role.OFFICER.value: "Memanggil dan melayani orang di loket yang diberikan kepadanya.",
    Role.AGENCY_OFFICER.value: "Seperti petugas loket, di semua loket satu instansi.",
    Role.RECEPTIONIST.value: "Memberi nomor kepada yang datang tanpa HP.",
    Role.READER.value: "Melihat angka dan halaman, tidak mengubah apa pun.",
}


class PostForm(SeenForm):
    """What somebody is appointed to."""

    role = RadioField("Peran", [InputRequired("Pilih perannya.")], choices=ROLES)
    hall = SelectField("Gedung", coerce=str, validate_choice=False)
    agency = SelectField("Instansi", coerce=str, validate_choice=False)

    def offer(self) -> None:
        """Fill the lists of halls and agencies."""
        halls = [(str(row.hall.id), row.hall.name) for row in queries.hall_rows()]
        agencies = [(str(agency.id), agency.name) for agency in queries.agencies_here()]
        self.hall.choices = [("", "Semua gedung"), *halls]
        self.agency.choices = [("", "Semua instansi"), *agencies]

    def post(self) -> Post | None:
        """Return the post, None after saying what is missing."""
        for place in (self.hall, self.agency):
            if place.data not in dict(place.choices):
                place.errors = ["Pilih dari daftar."]
                return None
        if self.role.data == Role.AGENCY_OFFICER and not self.agency.data:
            self.agency.errors = ["Pilih instansi untuk petugas instansi."]
            return None
        return Post(
            Role(self.role.data), int(self.hall.data) if self.hall.data else None,
            int(self.agency.data) if self.agency.data else None,
        )  # fmt: skip


class StaffForm(PostForm):
    """A member of staff."""

    name = StringField("Nama", [required("Tulis nama petugas."), at_most(100)], filters=[tidy])


class InviteForm(PostForm):
    """An invitation."""

    email = EmailField(
        "Surel",
        [
            required("Tulis surel petugas."),
            at_most(254),
            Regexp(
                r"[^@\s]+@[^@\s]+\.[^@\s.]+\Z", message="Tulis surel yang lengkap, misalnya nama@kota.go.id."
            ),
        ],
        filters=[tidy],
    )
