"""Design steps: each population against the one before it, beside the sizes of the spaces (table 1)."""
import math

from regnet_plugin.analysis import compare
from regnet_plugin.report.document import Figure, Section, Table
from regnet_plugin.report.figures import steps_plot
from regnet_plugin.report.wording import power



def are_steps(entries):
    """Whether populations, in their order, are steps of a design: spaces of known sizes that never grow."""
    sizes = [_size(entry) for entry in entries]
    return len(sizes) > 1 and None not in sizes and all(a >= b for a, b in zip(sizes, sizes[1:])) and sizes[0] > sizes[-1]


def steps(entries):
    """The section: what each restriction cost or gave."""
    pairs = [(after.name, before.name) for before, after in zip(entries, entries[1:])]
    compared = compare({entry.name: entry.errors for entry in entries}, pairs, 1 - entries[0].rules.level).pairs
    sizes = [_size(entry) for entry in entries]
    plot = steps_plot('design-steps', {entry.name: entry.edf for entry in entries}, {entry.name: _size(entry) for entry in entries},
                      label_of_errors(entries))
    rows = [_row(entry, found, before) for entry, found, before in zip(entries, (None, *compared), (None, *sizes))]
    text = [_sentence(found, before, after) for found, before, after in zip(compared, sizes, sizes[1:])]
    last = f'From {entries[0].name} to {entries[-1].name} the space shrinks {power(sizes[0] / sizes[-1])} times'
    change = entries[-1].edf.mean - entries[0].edf.mean
    if math.isfinite(change):
        last += f', and the mean error changes by {change:+.2f} points'
    return Section('design', 'Design steps', [*text, f'{last}.'], [
        Figure(plot, 'What each restriction cost or gave', 'Minimum and mean error, and the size of each space (table 1).'),
        Table('steps', 'Design steps', ('space', 'degrees of freedom', 'size', 'times smaller', 'n', 'minimum', 'mean',
                                        'change of the mean', 'low', 'high', 'p'), rows,
              'Sizes as the paper counts them. Change against the space before, with its confidence interval; p of the '
              f"Kolmogorov-Smirnov test, corrected for {len(pairs)} steps.")])


def _size(entry):
    """As the paper counts where that is defined."""
    return entry.records.space.get('paper_size') or entry.records.space.get('size')


def _row(entry, found, before):
    own = _size(entry)
    step = (None,) * 4 if found is None else (found.difference, found.low, found.high, found.p_value)
    return (entry.name, entry.records.space.get('dimension'), power(own), power(before and before / own), entry.n,
            entry.edf.minimum, entry.edf.mean, *step)


def _sentence(found, before, after):
    verdict = {found.first: 'It is better', found.second: 'It is worse'}.get(found.better)
    if verdict is None:
        verdict = 'It costs nothing that is shown' if not found.differ else 'The distributions differ, neither is shown to be better'
    smaller = f'{power(before / after)} times smaller' if before > after else 'no smaller'
    sentence = f'{found.first} is {smaller} than {found.second}. {verdict}'
    if math.isfinite(found.difference):
        sentence += f': mean error {found.difference:+.2f} points'
        if math.isfinite(found.low):
            sentence += f' ({found.low:+.2f} to {found.high:+.2f})'
    return f'{sentence}.'
