"""The layers of networks of stages: shapes, counts by kind, and the memory of their maps."""
