"""Support access: how somebody of the centre enters a region, for a while, seen by the region."""
