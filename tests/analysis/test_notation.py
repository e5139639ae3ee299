"""Numbers in sentences have the digits that their intervals leave them."""

import pytest

from regnet_plugin.analysis.notation import interval_text, p_text

NAN = float('nan')


@pytest.mark.parametrize(
    'value, low, high, text',
    [
        (1.2392, 0.8871, 1.5913, '1.24 (95% interval 0.89 to 1.59)'),
        (12.392, 8.871, 15.913, '12.4 (95% interval 8.9 to 15.9)'),
        (123.92, 88.71, 159.13, '124 (95% interval 89 to 159)'),
        (1239.2, 887.1, 1591.3, '1239 (95% interval 887 to 1591)'),
        (1.2392, NAN, NAN, '1.24'),
        (123.92, 123.92, 123.92, '124'),
    ],
)
def test_an_interval_has_two_digits_of_its_half_width(value, low, high, text):
    assert interval_text(value, low, high, 0.95) == text


def test_small_p_values_are_bounded():
    assert [p_text(p) for p in (0.0123, 0.001, 0.000999)] == ['p = 0.012', 'p = 0.001', 'p < 0.001']
