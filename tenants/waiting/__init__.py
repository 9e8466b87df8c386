"""How long people will wait: a simulation of the real hall, what was announced, and how true it was."""
