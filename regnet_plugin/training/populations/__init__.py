"""Training all networks of a population: their configs, and watching until each has a result."""
