"""Staff: who is signed in, with which proofs, and what each role may do."""
