"""Personal data as the law sees it: which kinds are held and why, how long, and how they end (UU 27/2022)."""
