"""What is said of a cell that is no number, as far as it can be known what was meant."""

import pytest

from regnet_plugin.population.readers.cells import hint


@pytest.mark.parametrize(
    'cell, number',
    [
        ('400k', '400000'),
        ('400K', '400000'),
        ('3.2M', '3200000'),
        ('3.2G', '3200000000'),
        ('3.2B', '3200000000'),
        ('1T', '1000000000000'),
        ('3.2GF', '3200000000'),
        ('25 ms', '0.025'),
        ('76.5%', '76.5'),
    ],
)
def test_a_number_with_a_unit_is_written_without(cell, number):
    assert hint(cell) == f'; numbers have no unit: {number}'


@pytest.mark.parametrize(
    'cell, said', [('1_000_000', '; numbers have no underscores: 1000000'), ('a_b', ''), ('ab', '')]
)
def test_underscores_are_spoken_of_in_numbers_only(cell, said):
    assert hint(cell) == said
