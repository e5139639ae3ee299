"""The processes that train the networks of a population: workers, and what trains for them."""
