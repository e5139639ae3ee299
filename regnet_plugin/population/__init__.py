"""A population on disk: what was sampled, its runs and their results, readers and exports."""
