"""What the files and folders in a population's folder are called."""

MANIFEST = 'population.json'
NETWORKS = 'architectures.jsonl'
BASE = 'base.py'  # the config that networks of a `ConfigSpace` vary
RUNS = 'runs'  # the runs of all recipes, see `runs.layout`
BASELINES = 'baselines'  # a population itself, see `baselines`
LATENCIES = 'latency.jsonl'  # see `latency_file`

# What goes by the names of a population's networks, so that those of another must not get it.
MADE_OF_NETWORKS = (RUNS, BASELINES, LATENCIES)
