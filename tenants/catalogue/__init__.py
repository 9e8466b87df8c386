"""The national catalogue: agencies, services and their versioned standards, life events, holidays."""
