"""Hooks that the tools add to a run, each with one duty."""
