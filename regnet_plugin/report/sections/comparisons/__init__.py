"""The sections that compare populations: distributions, adjusted means, twins, design steps."""
