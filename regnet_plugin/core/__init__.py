"""What a network is and what it costs, with the standard library and numpy alone."""
