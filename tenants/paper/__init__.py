"""Paper for a bad day: blocks of numbers on sheets, and typing back what was given and done without power."""
