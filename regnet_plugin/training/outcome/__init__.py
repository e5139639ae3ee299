"""What a training leaves on disk: checkpoints, curves, and the summary of both."""
