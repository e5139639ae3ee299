"""Training and testing one network: a config in, MMEngine's Runner, a summary out."""
