"""What trainings in one process have in common: datasets, and the workers that load them."""
