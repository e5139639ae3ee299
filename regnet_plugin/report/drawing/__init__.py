"""How a figure is drawn and written: plots, their style, SVG, sizes for papers, sketches."""
