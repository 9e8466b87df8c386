"""How a hall's displays sound, and the region's own voice."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.admin import blueprint
from blueprints.admin.halls import hall_or_404
from blueprints.admin.saving import ID, INVALID, complaints, find, press
from blueprints.admin.sound_forms import LANGUAGE_NAMES, SoundForm, VoiceForm
from mpp.database.session import read
from tenants.hall.models import Hall
from tenants.queueing.speech import BELL, LANGUAGES, sample, spoken_words
from tenants.sound import queries, service
from tenants.sound.errors import SoundError, UploadError
from tenants.sound.service import SoundFacts
from tenants.sound.upload import received


@blueprint.route("/suara", defaults={"hall_id": None}, methods=["GET", "POST"])
@blueprint.route(f"/suara/<{ID}:hall_id>", methods=["GET", "POST"])
def sound(hall_id: int | None) -> ResponseReturnValue:
    """Show and change how the displays of a hall sound; without a hall, of the first one."""
    with read() as session:
        halls = queries.halls(session)
        if hall_id is None:
            if not halls:
                return render_template("admin/sound.html", hall=None)
            hall_id = halls[0].id
        hall = hall_or_404(hall_id)
        stored = queries.settings_of(session, hall_id)
        displays = queries.displays(session, hall_id)
        form = SoundForm(obj=None if request.method == "POST" else stored)
    if form.validate_on_submit() and _saved(form, hall):
        flash("Suara tersimpan dan langsung berlaku di layar.", "ok")
        return redirect(url_for("admin.sound", hall_id=hall.id))
    errors = complaints(form)
    page = render_template(
        "admin/sound.html", form=form, errors=errors, hall=hall, halls=halls, displays=displays,
        bell=_address("id", BELL),
        samples={language: [_address(language, unit) for unit in sample(language)] for language in LANGUAGES},
    )  # fmt: skip
    return page, INVALID if errors else 200


@blueprint.post(f"/suara/<{ID}:hall_id>/uji")
def sound_test(hall_id: int) -> ResponseReturnValue:
    """Let the enrolled displays of a hall sound once."""
    hall = hall_or_404(hall_id)
    press(
        lambda: service.ask_for_test(hall.id),
        lambda _done: "Layar diminta berbunyi sekarang. Dengarkan di gedung.",
    )
    return redirect(url_for("admin.sound", hall_id=hall.id))


@blueprint.route("/suara/rekaman", methods=["GET", "POST"])
def voice() -> ResponseReturnValue:
    """List every unit of the voice and take recordings of the region's own."""
    form = VoiceForm()
    names = sorted({unit for language in LANGUAGES for unit in spoken_words(language)})
    form.unit.choices = [("", "Menurut nama berkas"), *((name, name) for name in names)]
    problems: list[str] = []
    if form.validate_on_submit():
        try:
            count = _uploaded(form)
        except UploadError as error:
            problems = error.problems
        else:
            flash(f"{count} rekaman terpasang dan langsung dipakai layar.", "ok")
            return redirect(url_for("admin.voice"))
    errors = [*complaints(form), *((form.file.id, text) for text in problems)]
    with read() as session:
        own = queries.own_units(session)
    page = render_template(
        "admin/sound_voice.html", form=form, errors=errors, own=own, address=_address,
        languages=[(key, name, spoken_words(key)) for key, name in LANGUAGE_NAMES],
    )  # fmt: skip
    return page, INVALID if errors else 200


@blueprint.post("/suara/rekaman/<language>/<unit>/hapus")
def voice_remove(language: str, unit: str) -> ResponseReturnValue:
    """Delete a recording of the region's own; "semua" is all of a language."""
    count = service.remove_units(language, None if unit == "semua" else unit)
    if count:
        flash(f"{count} rekaman sendiri dihapus. Suara nasional dipakai lagi.", "ok")
    else:
        flash("Rekaman itu sudah tidak ada. Suara nasional yang dipakai.", "error")
    return redirect(url_for("admin.voice"))


def _saved(form: SoundForm, hall: Hall) -> bool:
    facts = SoundFacts(
        volume=form.volume.data, quiet_from=form.quiet_from.data, quiet_to=form.quiet_to.data,
        speak=form.speak.data, names_spoken=bool(form.names_spoken.data),
    )  # fmt: skip
    try:
        service.save_sound(hall.id, facts)
    except SoundError as error:
        field = find(form, error.field or "")
        if field is not None:
            field.errors = [*field.errors, str(error)]
        else:
            form.form_errors.append(str(error))
        return False
    return True


def _uploaded(form: VoiceForm) -> int:
    """Keep what was uploaded and return how many recordings it was. Raises UploadError."""
    file = form.file.data
    if not file or not file.filename:
        raise UploadError(["Pilih berkas rekaman atau zip dahulu."])
    units = received(file.filename, file.read(), form.language.data, form.unit.data or None)
    service.keep_units(units)
    return len(units)


def _address(language: str, unit: str, source: str | None = None) -> str:
    """Where a recording is heard; without a version, so that a new one is heard within a minute."""
    return url_for("display.unit", language=language, unit=unit, asal=source)
