"""Rules on networks: what they mean, and what is refused."""

import numpy as np
import pytest

from regnet_plugin.design_spaces.expressions import Expression, Known, both

NETWORKS = 40
NAN = float('nan')


@pytest.fixture
def known():
    """Forty networks of three stages."""
    generator = np.random.default_rng(0)
    stages = {
        name: generator.choice(values, (NETWORKS, 3)).astype(float)
        for name, values in dict(depth=[1, 2, 3], width=[8, 16, 24], group_width=[4, 8]).items()
    }
    numbers = dict(depth=stages['depth'].sum(axis=1), flops=generator.uniform(1e6, 2e6, NETWORKS))
    return Known(stages, numbers)


def by_python(text, known):
    """What Python itself says of a rule in which each stage has an index, network by network."""
    answers = []
    for row in range(NETWORKS):
        names = {name: [None, *values[row]] for name, values in known.stages.items()}
        names['flops'], names['blocks'] = known.numbers['flops'][row], known.numbers['depth'][row]
        answers.append(eval(text, {'__builtins__': {}}, names))
    return answers


@pytest.mark.parametrize(
    'text',
    [
        'width[3] >= width[2] and group_width[1] >= 8',
        'width[1] < 16 or not depth[2] == 2',
        '8 < width[1] <= 16 < width[2] + 8',
        'depth[1] * width[1] - -depth[2] * width[2] / 2 > flops / 40000',
        'not (width[1] != 8 and (depth[1] > 1 or depth[3] > 1)) and flops > 1.2e6',
        'width[1] > 8 and width[2] > 8 and width[3] > 8',
        '1 < 2',
    ],
)
def test_a_rule_means_what_it_means_in_python(text, known):
    expected = by_python(text, known)
    assert Expression(text).holds(known).tolist() == expected
    assert Expression(Expression(text).text) == Expression(text)


@pytest.mark.parametrize(
    'text, meaning',
    [
        ('rising(width)', 'width[1] <= width[2] <= width[3]'),
        ('falling(width)', 'width[1] >= width[2] >= width[3]'),
        ('equal(group_width)', 'group_width[1] == group_width[2] == group_width[3]'),
        ('rising(depth)', 'depth[1] <= depth[2] <= depth[3]'),
        ('width >= 16', 'width[1] >= 16 and width[2] >= 16 and width[3] >= 16'),
        (
            'group_width < width / 2',
            'group_width[1] * 2 < width[1] and group_width[2] * 2 < width[2] and '
            'group_width[3] * 2 < width[3]',
        ),
        ('width[1] <= width', 'width[1] <= width[2] and width[1] <= width[3]'),
        ('depth <= 5', 'blocks <= 5'),
    ],
)
def test_what_has_no_index_is_every_stage_and_depth_all_blocks(text, meaning, known):
    expected = by_python(meaning, known)
    assert 0 < sum(expected) < NETWORKS
    assert Expression(text).holds(known).tolist() == expected


def test_a_stage_that_a_network_lacks_keeps_nothing_and_breaks_nothing():
    widths = np.array([[8, 16, 24], [8, 16, NAN], [16, 8, NAN], [8, NAN, NAN], [NAN, NAN, NAN]])
    known = Known(dict(width=widths), {})
    for text, kept in {
        'rising(width)': [1, 1, 0, 1, 0],
        'width >= 16': [0, 0, 0, 0, 0],
        'width <= 16': [0, 1, 1, 1, 0],
        'width[3] >= 8': [1, 0, 0, 0, 0],
        'width[3] <= 100': [1, 0, 0, 0, 0],
    }.items():
        assert Expression(text).holds(known).tolist() == [bool(one) for one in kept], text


@pytest.mark.filterwarnings('error')
def test_what_is_divided_by_nothing_keeps_nothing(known):
    assert not Expression('(width[1] - width[1]) / (width[1] - width[1]) <= 1').holds(known).any()


@pytest.mark.parametrize(
    'text, orders',
    [
        ('rising(width) and (equal(group_width) and flops > 2)', ['rising', 'equal']),
        ('rising(width) or equal(group_width)', []),
        ('not rising(width)', []),
        ('width[1] <= width[2]', []),
    ],
)
def test_orders_that_every_network_keeps(text, orders):
    assert [order for order, _ in Expression(text).orders()] == orders


def test_two_rules_in_one():
    assert both(None, 'width > 8') == 'width > 8'
    assert both('width > 8 or depth > 2', 'flops < 3') == '(width > 8 or depth > 2) and flops < 3'


@pytest.mark.parametrize(
    'text, message',
    [
        ('widht[1] > 8', "'widht' is none of them; the nearest is width"),
        ('group_with >= 8', 'the nearest is group_width'),
        ('Flops > 8', 'the nearest is flops'),
        ('w_3 > 8', r"'w_3' is none of them; the nearest is width\[3\]"),
        ('g > 8', 'the nearest is group_width$'),
        ('xyz > 8', "names depth, width, group_width, flops, but 'xyz' is none of them$"),
        ('width[4] > 8', r'stages are numbered from 1 to 3, but the expression has width\[4\]'),
        ('width[0] > 8', r'stages are numbered from 1 to 3, but the expression has width\[0\]'),
        ('width[-1] > 8', r'stage in brackets, but it has .width\[-1\]'),
        ('flops[1] > 8', r'stages have depth, width, group_width, but the expression has .flops'),
        ('rising(flops)', r'stages have depth, width, group_width, but the expression has .rising'),
        ('width[1', "but it is 'width\\[1': '\\[' was never closed"),
        ('width[1] >', 'invalid syntax'),
        ('', 'invalid syntax'),
        ('width[1] = 3', 'an expression must be one such as'),
        ('width[1] + 3', 'true or false of each network'),
        ('width', 'true or false of each network'),
        ('width[1] and flops > 3', 'true or false of each network'),
        ('True', 'true or false of each network'),
        ('width > True', "but it has 'True'"),
        ('width > (width > 8)', 'but it has .width > 8'),
        ('rising(width[1])', r'rising, falling, equal of one name, .* has .rising\(width\[1\]\)'),
        ('growing(width)', 'rising, falling, equal of one name'),
        ('rising(width, depth)', 'of one name'),
        ('2 ** 9 > width', r"but it has '2 \*\* 9'"),
        ('width in (8, 16)', r"but it has '\(8, 16\)'"),
        ('width is 8', 'compared by <, <=, >, >=, == and !='),
        ('width > 1e999', 'but it has .1e309'),
        ('-' * 290 + '1 > width', 'at most 200 names, numbers and signs'),
        ('width > ' + '1' * 1000, 'at most 1,000 characters'),
        ('(' * 250 + '1' + ')' * 250 + ' > width', 'too many nested parentheses'),
        ('width > 1\0', 'an expression must be one such as'),
        (7, "a text of at most 1,000 characters, but it is '7'"),
    ],
)
def test_what_is_refused(text, message, known):
    with pytest.raises(ValueError, match=message) as raised:
        Expression(text).holds(known)
    assert '\n' not in str(raised.value)


@pytest.mark.parametrize(
    'text',
    [
        '__import__("os").system("touch harm") == 0',
        'width.__class__.__mro__[1] == 1',
        '(lambda: width)() > 8',
        '[width for width in (1, 2)] > 8',
        'open("harm", "w") > 8',
        'f"{width}" > 8',
        'width["os"] > 8',
        '(width := 8) > 8',
        'rising(__import__)',
        'eval(width)',
    ],
)
def test_nothing_of_a_text_is_run(text, known, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError):
        Expression(text).holds(known)
    assert not list(tmp_path.iterdir())


def test_the_deepest_that_is_allowed_is_evaluated(known):
    text = '-' * 97 + '1 > flops'
    assert not Expression(text).holds(known).any()
