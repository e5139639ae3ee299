"""Where workers run: on this machine, on a cluster of Ray, or as an array of Slurm.

What a launcher is, and how one is added: `regnet_plugin.training.populations.launcher`.
"""
