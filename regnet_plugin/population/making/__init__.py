"""Where populations come from: sampled, scaled from another one, merged, or twins of it."""
