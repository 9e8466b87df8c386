"""PostgreSQL and Valkey from wheels, for one-command use and for tests.

`postgres.EmbeddedPostgres` and `valkey.EmbeddedValkey` start a server as a child of this process
on a free port of 127.0.0.1 with a random password. In production `DATABASE_URL` and `VALKEY_URL`
name other servers and nothing here runs.
"""
