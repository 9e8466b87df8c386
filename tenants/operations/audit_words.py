"""Words of the audit log: one sentence for each act, one line for each thing that changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from mpp.accounts.models import Role
from mpp.accounts.staff import ROLE_WORDS
from mpp.crypto.disclosure import WHY_WORDS
from mpp.i18n import short_date
from tenants.hall.calendar import WEEKDAYS
from tenants.people.helping import reasons
from tenants.services.diff import fee_line

# {subject} is what the thing is called now; other names come from the entry's own data.
SENTENCES = {
    "service.enable": "mengaktifkan layanan {subject}",
    "service.disable": "menonaktifkan layanan {subject}",
    "service.edit": "mengubah ketentuan daerah layanan {subject}",
    "service.accept_standard": "menerima perubahan nasional layanan {subject}",
    "service.decline_standard": "menolak perubahan nasional layanan {subject}",
    "hall.create": "menambah gedung {subject}",
    "hall.edit": "mengubah data gedung {subject}",
    "hall.hours": "mengubah jam buka {subject}",
    "hall.closure": "menambah {kind} di {subject}, {days}: {reason}",
    "hall.closure_removed": "menghapus {kind} di {subject}, {days}: {reason}",
    "agency.add": "menambah instansi {agency} di {subject}",
    "agency.edit": "mengubah instansi {agency} di {subject}",
    "agency.remove": "mengeluarkan instansi {agency} dari {subject}",
    "counter.create": "menambah {subject}",
    "counter.edit": "mengubah {subject}",
    "counter.open": "membuka {subject}",
    "counter.pause": "menjeda {subject}",
    "counter.close": "menutup {subject}",
    "counter.sit": "mulai bertugas di {subject}",
    "counter.take_over": "mengambil alih {subject}",
    "counter.forgotten": "menutup {subject} yang lama tidak dipakai",
    "queue.rule": "mengubah aturan antrean {subject}: {reason}",
    "sound.edit": "mengubah suara layar {subject}",
    "sound.test": "menguji suara di layar {subject}",
    "voice.upload": "memasang {count} rekaman suara sendiri: {units}",
    "voice.remove": "menghapus {count} rekaman suara sendiri: {units}",
    "ticket.class": "mengubah kelas prioritas nomor {number}: {from} menjadi {to}",
    "queue.lease": "meminjamkan nomor {number} kepada {device}",
    "person.show": "melihat data tertutup milik {subject}; keperluan: {purpose}",
    "helping.begin": "mulai membantu seorang warga ({subject}) mengisi; alasan: {help}",
    "helping.act": "mengambilkan nomor saat membantu seorang warga ({subject}); alasan: {help}",
    "helping.end": "selesai membantu seorang warga ({subject})",
    "rights.ask": "meminta perbaikan data ({subject})",
    "rights.take_back": "menarik kembali {subject}",
    "rights.find": "mencari warga dengan NIK dan tidak menemukan siapa pun; keperluan: {purpose}",
    "rights.grant": "mengabulkan {subject} dan membetulkan datanya",
    "rights.refuse": "menolak {subject} dengan alasan",
    "rights.download": "mengunduh datanya sendiri ({subject})",
    "rights.withdraw": "menarik persetujuan ({subject})",
    "rights.erase": "menghapus datanya di daerah ini ({subject})",
    "privacy.retain": "mengakhiri data yang habis masa simpannya",
    "leak.prepare": "menyiapkan pemberitahuan kebocoran data ({subject})",
    "leak.release": "melepas pemberitahuan kebocoran data ({subject})",
    "audit.seal": "menyegel entri catatan dari sebelum ada rantai",
    "paper.enter": "mengetik nomor kertas {number} di {subject}",
    "alert.raise": "minta bantuan dari {subject}",
    "alert.acknowledge": "menutup permintaan bantuan dari {subject}",
    "counter.freed": "mengosongkan {subject}",
    "counter.retire": "mempensiunkan {subject}",
    "counter.delete": "menghapus loket {number} yang belum pernah dipakai",
    "device.add": "menambah perangkat {name}",
    "device.code": "membuat kode baru untuk perangkat {name}",
    "device.enrol": "mulai dipakai sebagai perangkat {name}",
    "device.rename": "mengganti nama atau tempat perangkat {name}",
    "device.speak": "menyalakan suara layar {name}",
    "device.hush": "mematikan suara layar {name}",
    "device.settings": "mengubah pengaturan perangkat {name}",
    "device.test_print": "mencetak uji di perangkat {name}",
    "device.print_desk": "mencetak nomor {number} dari meja, di perangkat {name}",
    "device.print_again": "mencetak ulang nomor {number} di perangkat {name}",
    "device.revoke": "mencabut perangkat {name}",
    "staff.create": "menambah petugas {subject}",
    "staff.invite": "mengundang petugas baru ({subject})",
    "staff.join": "bergabung lewat undangan: {subject}",
    "staff.reset_link": "membuat tautan kata sandi untuk {subject}",
    "staff.reset_done": "kata sandi diganti lewat tautan: {subject}",
    "staff.link_again": "mengganti tautan yang belum dipakai ({subject})",
    "staff.link_withdraw": "membatalkan {subject}",
    "staff.sign_out": "mengeluarkan {subject} dari semua perangkat",
    "staff.factors_removed": "menghapus faktor kedua {subject}",
    "staff.edit": "mengubah data petugas {subject}",
    "staff.deactivate": "menonaktifkan {subject}",
    "staff.reactivate": "mengaktifkan kembali {subject}",
    "account.sign_in": "masuk",
    "account.sign_out": "keluar",
    "account.session_end": "mengeluarkan perangkat dari {subject}",
    "account.lock": "percobaan masuk dihentikan 15 menit karena terlalu sering salah: {subject}",
    "account.password": "mengganti kata sandinya sendiri",
    "account.app_add": "memasang aplikasi autentikator",
    "account.app_remove": "melepas aplikasi autentikator",
    "account.passkey_add": "menambah kunci sandi (passkey)",
    "account.passkey_remove": "menghapus kunci sandi (passkey)",
    "account.recovery_new": "membuat kode cadangan baru",
    "account.recovery_used": "masuk dengan kode cadangan",
    "support.start": "memulai akses dukungan",
    "support.enter": "masuk lewat akses dukungan",
    "support.page": "membuka halaman {path}",
    "support.refused": "ditolak membuka halaman {path}",
    "support.end": "mengakhiri akses dukungan",
    "support.consent": "mengubah izin akses dukungan",
    "portal.save_draft": "menyimpan draf tampilan portal",
    "portal.publish": "menerbitkan tampilan portal",
    "portal.discard_draft": "membuang draf tampilan portal",
    "portal.restore": "memulihkan tampilan portal versi lama ke draf",
    "announcement.add": "menambah pengumuman",
    "announcement.change": "mengubah pengumuman",
    "announcement.remove": "menghapus pengumuman",
    "ticket.keep": "menyimpan {subject} ke akunnya sendiri",
    "people.consent": "menyetujui daerah ini memakai datanya ({subject})",
    "people.nik": "memberikan NIK-nya kepada daerah ini ({subject})",
    "people.refresh": "memperbarui datanya dari akun nasional ({subject})",
    "secrets.rotate": "membuat kunci baru untuk data tertutup",
    "secrets.retire": "menghentikan kunci lama data tertutup",
    "secrets.rewrap": "membungkus ulang kunci data tertutup",
}
FIELDS = {
    "weekdays": "Hari", "opens": "Mulai", "closes": "Selesai", "daily_quota": "Kuota per hari",
    "local_fees": "Biaya daerah", "extra_requirements": "Syarat tambahan", "local_note": "Catatan",
    "contact": "Kontak", "version": "Versi standar", "name": "Nama", "address": "Alamat", "latitude": "Lintang",
    "longitude": "Bujur", "phone": "Telepon", "facilities": "Fasilitas", "running_text": "Teks berjalan",
    "active": "Dipakai", "local_name": "Nama setempat", "valid_from": "Hadir sejak", "note": "Catatan",
    "number": "Nomor", "prefix": "Huruf", "agency_id": "Instansi", "service_ids": "Layanan",
    "quick": "Loket cepat", "target_priority": "Target prioritas (menit)", "target_booked": "Target pemesan (menit)",
    "target_walk_in": "Target datang langsung (menit)", "max_priority_streak": "Prioritas berturut-turut",
    "max_overtake": "Paling lama didahului (menit)", "recall_gap_seconds": "Jeda panggil ulang (detik)",
    "recall_max": "Panggil ulang paling banyak", "quick_minutes": "Layanan loket cepat (menit)",
    "idle_minutes": "Loket tanpa kegiatan ditutup (menit)", "near_calls": "Dikabari saat tinggal (panggilan)",
    "officer_ids": "Petugas", "role": "Peran",
    "hall_id": "Gedung",
    "agencies": "Instansi yang tampil", "services": "Layanan yang tampil",
    "languages": "Bahasa", "printing": "Cara mencetak", "printer_host": "IP printer", "printer_port": "Port printer",
    "quiet_seconds": "Kembali ke awal (detik)",
    "zone": "Bagian gedung",
    "volume": "Volume suara", "quiet_from": "Jam tenang mulai", "quiet_to": "Jam tenang selesai",
    "speak": "Bahasa suara", "names_spoken": "Nama disebut", "1": "Senin", "2": "Selasa", "3": "Rabu", "4": "Kamis",
    "5": "Jumat", "6": "Sabtu", "7": "Minggu",
}  # fmt: skip
LINKS = {"agency_id": "agency", "hall_id": "hall", "service_ids": "service", "officer_ids": "staff"}
ROLES: dict[str, str] = {role.value: ROLE_WORDS[role] for role in Role}
SPEAK = {"none": "bel saja", "id": "Indonesia", "en": "Inggris", "both": "Indonesia lalu Inggris"}
PRINTING = {"browser": "lewat peramban", "network": "printer jaringan", "none": "tanpa kertas"}
WORDS: dict[str, dict[str, str]] = {"role": ROLES, "speak": SPEAK, "printing": PRINTING}
NOTHING = "kosong"


def sentence(action: str, subject: str, data: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return what was done, without who did it: "menjeda loket 3 Akta"."""
    pattern = SENTENCES.get(action)
    called = names.get(subject, subject.replace(":", " nomor "))
    if pattern is None:
        return f"{action.replace('.', ': ').replace('_', ' ')} ({called})"
    words = {
        # What the entry tells by itself: short words and numbers, as they were written.
        **{name: str(value) for name, value in data.items() if isinstance(value, str | int) and value != ""},
        "subject": called,
        "number": data.get("number") or _block(data),
        "agency": names.get(f"agency:{data.get('agency')}", data.get("agency") or NOTHING),
        "kind": "hari tetap buka" if data.get("kind") == "open" else "hari tutup",
        "days": _days(data),
        "help": _word(reasons(), data.get("help")),
        "purpose": _word(WHY_WORDS, data.get("purpose")),
    }
    return pattern.format_map(_Told(words))


class _Told(dict[str, Any]):
    """Words of one entry. What an old entry does not tell leaves a gap in the sentence, and the page stands."""

    def __missing__(self, _name: str) -> str:
        return NOTHING


def _word(words: Mapping[Any, str], key: object) -> str:
    return words.get(str(key), NOTHING)


def _block(data: Mapping[str, Any]) -> str:
    """A block of numbers: "A-001 sampai A-050"."""
    first, last = data.get("first"), data.get("last")
    if not isinstance(first, int) or not isinstance(last, int):
        return NOTHING
    prefix = data.get("prefix", "")
    return f"{prefix}-{first:03d} sampai {prefix}-{last:03d}"


def change_lines(data: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """Return one line a changed thing: "Kuota per hari: 40 → 60"; empty when the entry tells of none."""
    before, after = data.get("before"), data.get("after")
    if not isinstance(after, Mapping):
        return [f"Keterangan: {data['note']}"] if data.get("note") else []
    old = before if isinstance(before, Mapping) else {}
    lines = []
    for name in dict.fromkeys([*old, *after]):
        new = _value(name, after.get(name), names)
        was = _value(name, old.get(name), names)
        if new != was:
            label = FIELDS.get(name, name.replace("_", " "))
            lines.append(f"{label}: {was} → {new}" if old else f"{label}: {new}")
    return lines


def _value(name: str, value: object, names: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return "ya" if value else "tidak"
    if value is None or value in ("", [], {}):
        return NOTHING
    if isinstance(value, list):
        return _list(name, value, names)
    if name in LINKS:
        return names.get(f"{LINKS[name]}:{value}", f"nomor {value}")
    return WORDS.get(name, {}).get(str(value), str(value))


def _list(name: str, values: list[Any], names: Mapping[str, str]) -> str:
    if name in LINKS:
        return ", ".join(names.get(f"{LINKS[name]}:{key}", f"nomor {key}") for key in values)
    if name == "weekdays":
        return ", ".join(WEEKDAYS[day - 1] for day in values)
    if name in "1234567":
        return _hours([str(time).replace(":", ".") for time in values])
    return "; ".join(fee_line(item) if isinstance(item, Mapping) else str(item) for item in values)


def _hours(times: list[str]) -> str:
    text = " sampai ".join(times[:2])
    return f"{text}, istirahat {' sampai '.join(times[2:])}" if times[2:] else text


def _days(data: Mapping[str, Any]) -> str:
    try:
        first, last = (dt.date.fromisoformat(str(data[key])) for key in ("starts_on", "ends_on"))
    except (KeyError, ValueError):
        return "hari yang tidak tercatat"
    return short_date(first) if first == last else f"{short_date(first)} sampai {short_date(last)}"
