"""Who is signed in: staff of a region or of the centre; passwords, lock-out, sessions bound to one host."""
