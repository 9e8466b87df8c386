"""The administrator's day: what needs a look now, and acts that touch halls, services and the queue at once."""
