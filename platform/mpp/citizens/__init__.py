"""Citizens: one national account for every region, with its proofs, sessions and messages."""
