"""Background work: the outbox is the truth, RQ the transport, one ticker moves rows and clocks."""
