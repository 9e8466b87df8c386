"""What lives inside one region's schema, and the national catalogue it reads, by feature."""
