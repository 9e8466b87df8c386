"""Days in a hall, made up from stated parameters and a seed."""
