"""Values that follow from others: what a formula gives, and what it refuses."""

import pytest

from regnet_plugin.design_spaces.formulas import Absent, Formula

VALUES = dict(width=24, heads=4, names='BN', gone=None, widths=(8, 16))


@pytest.mark.parametrize(
    'text, value',
    [
        ('width * (1, 2, 4, 8)', (24, 48, 96, 192)),
        ('(1, 2) * 3 + (10, 20)', (13, 26)),
        ('width // heads + width % 5', 10),
        ('-width / 2', -12.0),
        ('multiple(width * 1.4, 8)', 32),
        ('multiple(1, 8)', 8),
        ('repeat(width, 3)', (24, 24, 24)),
        ('widths[1] ** 2', 256),
        ('((1, width), (heads, 2))', ((1, 24), (4, 2))),
        ("'GN' if names == 'BN' and not heads > 4 else names", 'GN'),
        ('4 <= heads < 5', True),
        ('sum(widths) + max(widths) + min(1, 2) + round(1.6) + int(2.7)', 24 + 16 + 1 + 2 + 2),
        ('sqrt(16) + log2(8)', 7.0),
    ],
)
def test_values(text, value):
    found = Formula(text)(VALUES)
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize(
    'text',
    [
        '__import__("os").system("true")',
        'width.__class__',
        'lambda: 1',
        '[x for x in widths]',
        'open("/etc/passwd")',
        'f"{width}"',
        '(x := 1)',
        'round(width, ndigits=1)',
        'print(1)',
        'getattr(width, "real")',
        '{}',
        'width @ width',
        'width << 1',
        '1j',
        '"a".join(names)',
    ],
)
def test_nothing_else_is_read(text):
    with pytest.raises(ValueError, match='a formula has names'):
        Formula(text)


@pytest.mark.parametrize('text', ['width *', '', 'a' * 2000, '+'.join('a' * 400), 7, '1 +\x00 2'])
def test_what_cannot_be_read(text):
    with pytest.raises(ValueError, match='a formula must'):
        Formula(text)


@pytest.mark.parametrize(
    'text',
    [
        'width / 0',
        'widths[2]',
        'width ** 1000',
        'repeat(1, 10 ** 6)',
        'names * 3',
        '(1, 2) + (1, 2, 3)',
        'names - 1',
    ],
)
def test_what_cannot_be_computed_has_the_values(text):
    with pytest.raises(ValueError, match='must give a value, but with'):
        Formula(text)(VALUES)


def test_what_is_absent_is_told_apart():
    with pytest.raises(Absent):
        Formula('gone + 1')(VALUES)
