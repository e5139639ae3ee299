"""Means that use what is known of networks before their training, and how sure they are."""
