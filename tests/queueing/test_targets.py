"""Nobody is sent to an agency that is not there."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import update

from mpp.database.session import write
from mpp.tenancy.region import Region, current_region
from tenants.hall.models import AgencyPresence
from tenants.queueing import service
from tenants.queueing.errors import NotOfferedError
from tenants.queueing.models import Ticket
from tenants.queueing.policies import new_key
from tests.support.hall import counters_of, more_counters, seat

OTHER = "paspor"


def test_an_agency_absent_today_is_no_target_unless_its_officer_sits_there(hall: Region) -> None:
    (counter,) = more_counters("ktp-el-baru", 1)
    (there,) = counters_of(OTHER)
    officer = seat(counter)
    ticket = service.take_ticket("ktp-el-baru", "S.", None, new_key(), "web")
    service.call_next(counter, officer)

    def present(**hours: object) -> None:
        with write() as session:
            own = update(AgencyPresence).where(AgencyPresence.agency_id == there.agency_id)
            session.execute(own.values(**{"weekdays": None, "opens": None, "closes": None, **hours}))

    def send() -> Ticket:
        return service.transfer(ticket.id, officer, service=OTHER, reason="butuh paspor juga")

    tomorrow = (current_region().today() + dt.timedelta(days=1)).isoweekday()
    present(weekdays=[tomorrow])
    with pytest.raises(NotOfferedError, match="tidak hadir di MPP"):
        send()
    present(closes=dt.time(0, 0, 1))
    with pytest.raises(NotOfferedError, match="sudah selesai"):
        send()
    seat(there.id)
    first = ticket.service_id
    assert send().service_id != first
