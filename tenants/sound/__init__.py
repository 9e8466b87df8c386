"""How a hall sounds: loudness, quiet hours, languages, and the region's own voice."""
