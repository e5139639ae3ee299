"""Studies: a plan of populations, carried out with the tools, and what their results say."""
