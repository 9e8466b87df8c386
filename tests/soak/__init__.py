"""The platform as `mpp up` runs it, under load, while its processes are killed at random: nothing lost, nothing twice.

`make soak`, or `python -m tests.soak --minutes 10 --seed 7`.
"""
