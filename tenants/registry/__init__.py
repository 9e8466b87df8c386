"""The country's 514 regions and the seed of each pilot."""
