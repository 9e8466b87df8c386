"""`mpp up`: starts, watches and stops everything the platform needs on one machine.

`up.run_up` is the whole command, `table.Supervisor` the process table, `command.up` the click
command.
"""
