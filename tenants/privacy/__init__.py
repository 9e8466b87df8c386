"""Rights of the person in a region (UU 27/2022): see, take along, correct, withdraw, erase; leaks."""
