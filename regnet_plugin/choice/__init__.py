"""A network for a budget: published and pretrained ones, and those of a population."""
