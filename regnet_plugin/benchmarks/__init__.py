"""How fast things are: networks beside other libraries', loaders, the engine, the statistics."""
