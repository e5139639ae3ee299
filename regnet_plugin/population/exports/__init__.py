"""A population in one file, for others: a table, a journal of Optuna."""
