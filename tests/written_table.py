"""A table of networks, written and read."""

import json

from regnet_plugin.population.readers import read_records


def table(folder, text, name='mine.csv'):
    path = folder / name
    path.write_text(text)
    return path


def read(folder, text, name='mine.csv'):
    return read_records(table(folder, text, name))[0]


def lines(*rows):
    return ''.join(json.dumps(row) + '\n' for row in rows)
