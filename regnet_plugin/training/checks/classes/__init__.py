"""Do labels, classes, heads and metrics fit? Of classifiers and of detectors."""
