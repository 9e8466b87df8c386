"""Any holder of a ticket may ask why another number came first, and gets the stored reason."""

from __future__ import annotations

from collections.abc import Callable

from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.queueing import service
from tenants.queueing.exceptions import OutOfOrder
from tenants.queueing.policies import new_key
from tests.support.client import Browser
from tests.support.hall import at, more_counters, seat

SERVICE = "ktp-el-baru"


def test_the_reason_of_a_call_out_of_order_and_the_public_count(
    app: Platform, open_hall: Region, browse: Callable[..., Browser]
) -> None:
    with at(app, open_hall):
        (counter,) = more_counters(SERVICE, 1)
        officer = seat(counter)
        first, second = (service.take_ticket(SERVICE, "S.", None, new_key(), "web") for _person in range(2))
        code, label, other = first.code, first.label, second.label
        service.call_one(counter, officer, second.id, OutOfOrder.EMERGENCY, "Bu Ani hendak melahirkan")
    visitor = browse("bukittinggi")
    address = f"/antrean/{code}/mengapa"
    assert address in {a.get("href") for a in visitor.get(f"/antrean/{code}").all("a")}
    page = visitor.get(f"{address}?nomor={other.lower().replace('-', ' ')}").words()
    assert "di luar urutan: keadaan darurat" in page and "1 panggilan di luar urutan" in page
    assert "Ani" not in page and "melahirkan" not in page, "the officer's own words stay with the staff"
    english = visitor.get(f"{address}?nomor={other}&bahasa=en").words()
    assert "an emergency" in english and "Ani" not in english
    visitor.get(f"{address}?bahasa=id")
    assert "nomor Anda sendiri" in visitor.get(f"{address}?nomor={label}").words()
    assert "tidak ditemukan" in visitor.get(f"{address}?nomor=Z-999").words()
    assert "1 panggilan di luar urutan" in visitor.get("/antrean").words()
    assert visitor.get("/antrean/TIDAKADA2345/mengapa").status == 404
