"""The page of a report: sections, figures, tables; the statistics are those of `analysis`."""
