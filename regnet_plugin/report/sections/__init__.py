"""The sections of a report, one function each: populations in, a `Section` out."""
