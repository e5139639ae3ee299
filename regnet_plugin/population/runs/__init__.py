"""A run: one training of a network with a recipe and a seed; attempts at it, and its result."""
