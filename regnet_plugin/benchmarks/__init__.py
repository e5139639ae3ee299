"""Measurements: networks beside other libraries', data loaders, the engine, sampling, statistics."""
