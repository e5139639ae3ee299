"""Races against other libraries, latency, and the engine beside a bare training loop."""
