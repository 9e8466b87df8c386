"""The region's portal: how it looks, what it announces, and what its pages read."""
