"""A trained network tried: on a test set, or on images that a person names."""
