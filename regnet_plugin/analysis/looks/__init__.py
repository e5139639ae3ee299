"""Looks at spaces whose networks are being trained: what is asked of them, and what follows."""
