"""Times on a device from counts of layers: models, their fit, and those that come with the package.

Times are measured in `regnet_plugin.benchmarks.device_measurement`; nothing here needs torch.
"""
