"""A run: one training of a network with a recipe and a seed; what is left to be trained."""
