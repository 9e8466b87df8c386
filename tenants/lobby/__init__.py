"""What a hall shows to those who wait: its board, its lines, the services with a number to take. Never a person."""
