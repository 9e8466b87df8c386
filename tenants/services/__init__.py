"""The services a region offers: taken over from the national catalogue, with what is local."""
