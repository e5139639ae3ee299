"""Data, model and optimizer are tried before anything is trained, in a moment."""
