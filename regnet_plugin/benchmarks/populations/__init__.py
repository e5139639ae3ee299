"""What training a population costs: the engine beside a bare loop, networks per hour, files."""
