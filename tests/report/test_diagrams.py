"""Diagrams: the legend is read back, the staircase is that of the architecture."""

import re
from itertools import islice

import pytest
from killing import ROOT
from matplotlib.figure import Figure
from own_files import own_files

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.published import PUBLISHED
from regnet_plugin.core.quantized_linear import regnet
from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.design_spaces.constraints import Constraints
from regnet_plugin.design_spaces.sampler import Sampler
from regnet_plugin.population.selection import regnet_sample
from regnet_plugin.report.diagrams import contact_sheet, draw_network, legend, save_pages

SPACES = own_files('configs/design_spaces', '*.py')


def samples(name, size, **options):
    space = design_space_of(ROOT / f'configs/design_spaces/{name}.py', options)[0]
    return [sample for _, sample in islice(Sampler(space, Constraints(), 3), size)]


def numbers(text):
    return [float(part) if re.search(r'[.e]', part) else int(part) for part in text.split(', ')]


def rebuilt(text):
    """The architecture that a reader of a legend would build.

    It has the entries, and the paper's values for what is not there.
    """
    entries = dict(re.findall(r'(\S+) = (.+?)(?=  |\n|$)', text))
    network = dict(
        block=entries.get('block', 'X'),
        se_ratio=float(entries.get('SE', 0)),
        stem=entries.get('stem', 'simple'),
        stem_width=int(entries.get('stem_width', 32)),
        head_width=int(entries.get('head_width', 0)),
    )
    for name in ('strides', 'dilations'):
        if name in entries:
            network[name] = numbers(entries[name])
    if 'w_0' in entries:
        depth, w_0, w_a, w_m = (numbers(entries[name])[0] for name in ('d', 'w_0', 'w_a', 'w_m'))
        return regnet(
            depth=depth,
            w_0=w_0,
            w_a=w_a,
            w_m=w_m,
            group_width=int(entries['g']) if 'g' in entries else None,
            bottleneck_ratio=float(entries.get('b', 1)),
            **network,
        )
    depths, widths = numbers(entries['d_i']), numbers(entries['w_i'])
    stages = {}
    for symbol, name in (('b', 'bottleneck_ratios'), ('g', 'group_widths')):
        if symbol in entries:
            stages[name] = numbers(entries[symbol]) * len(depths)
        elif f'{symbol}_i' in entries:
            stages[name] = numbers(entries[f'{symbol}_i'])
    return Architecture.from_lists(depths=depths, widths=widths, **stages, **network)


@pytest.mark.parametrize('path', SPACES, ids=lambda path: path.stem)
def test_the_legend_builds_the_network_again(path):
    for sample in samples(path.stem, 12):
        assert rebuilt(legend(sample)) == sample.architecture


@pytest.mark.parametrize('name', PUBLISHED)
def test_the_legend_of_a_published_network_has_the_papers_numbers(name):
    sample = regnet_sample(name)
    assert rebuilt(legend(sample)) == sample.architecture
    assert ('SE = 0.25' in legend(sample)) == name.startswith('regnety') and '\n' not in legend(
        sample
    )


def test_a_slope_of_any_number_of_digits_is_exact():
    law = dict(_delete_=True, law='log_uniform', low=8, high=200, step=None)
    (sample,) = samples('regnetx', 1, **{'design_space.w_a': law})
    assert (
        f'w_a = {sample.parameters["w_a"]!r}' in legend(sample)
        and rebuilt(legend(sample)) == sample.architecture
    )


@pytest.mark.parametrize(
    'space, words',
    [
        ('regnety_swish', 'activation = Swish'),
        ('regnetv', 'block = V'),
        ('regnetx_digits', 'strides = 1, 2, 2, 2'),
        ('cifar2019_vanilla', 'stem = cifar  stem_width = 16'),
        ('cifar2019_vanilla', 'classes = 10'),
    ],
)
def test_what_is_not_as_in_the_paper_is_said(space, words):
    assert words in legend(samples(space, 1)[0])


def test_the_settings_of_a_sample_are_in_its_legend():
    for sample in samples('regnetx_lr_wd', 3):
        assert f'lr = {sample.lr:.4g}  weight_decay = {sample.weight_decay:.4g}' in legend(sample)
    texts = {sample.resolution: legend(sample) for sample in samples('regnetx_resolution', 40)}
    assert (
        all((f'resolution = {side}' in text) == (side != 224) for side, text in texts.items())
        and 224 in texts
    )


def test_a_staircase_has_a_step_for_each_block():
    axes = Figure().subplots()
    draw_network(axes, regnet_sample('regnetx_400mf'), 'X', error=27.3)
    line, blocks = axes.lines
    widths = [32] + [64] * 2 + [160] * 7 + [384] * 12  # figure 15
    assert blocks.get_xydata().tolist() == [[j, width] for j, width in enumerate(widths)]
    assert axes.patches[0].get_data().values.tolist() == widths
    assert axes.patches[0].get_data().edges.tolist() == [j - 0.5 for j in range(23)]
    assert line.get_ydata() == pytest.approx([24 + 24.48 * j for j in range(22)])  # equation 2
    name, parameters, cost = axes.get_title('left').split('\n')
    assert name == 'X' and parameters.startswith('$d$ = 22  $w_0$ = 24  $w_a$ = 24.48')
    assert cost == '398 MF, 5.16 M parameters, 3.14 M activations, error 27.3'


def test_other_networks_have_no_line():
    axes = Figure().subplots()
    draw_network(axes, samples('anynetx_a', 1)[0], log=True)
    assert len(axes.lines) == 1 and axes.get_yscale() == 'log'


@pytest.mark.parametrize('log', [False, True])
def test_a_sheet_has_every_network_on_the_same_axes(log, tmp_path):
    networks = [
        (f'{number:06d}', sample) for number, sample in enumerate(samples('anynetx_a_5_stages', 7))
    ]
    pages = list(contact_sheet(networks, errors={'000004': 40.0}, log=log, page=4))
    panels = [axes for page in pages for axes in page.axes]
    assert [axes.get_title('left').split('\n')[0] for axes in panels] == [
        name for name, _ in networks
    ]
    assert [axes.get_title('left').endswith('error 40') for axes in panels] == [
        n == 4 for n in range(7)
    ]
    limits = {(*axes.get_xlim(), *axes.get_ylim()) for axes in panels}
    assert len(limits) == 1
    left, right, bottom, top = limits.pop()
    for _, sample in networks:
        assert left < -0.5 and sample.architecture.depth - 0.5 < right
        assert bottom < min(sample.architecture.widths) and max(sample.architecture.widths) < top
    paths = save_pages(pages, tmp_path / 'networks.png')
    assert [path.name for path in paths] == ['networks.png', 'networks-2.png'] and all(
        path.is_file() for path in paths
    )


def test_the_titles_do_not_overlap(tmp_path):
    """The longest legends: five stages with all their parameters, and optimiser settings."""
    networks = [
        ('000000', sample)
        for sample in samples('anynetx_a_5_stages', 8) + samples('regnetx_lr_wd', 16)
    ]
    for figure in contact_sheet(networks):
        figure.savefig(tmp_path / 'sheet.png', dpi=50)
        boxes = [axes._left_title.get_window_extent() for axes in figure.axes]
        for row in range(0, len(boxes), 4):
            assert all(
                one.x1 < other.x0
                for one, other in zip(boxes[row : row + 4], boxes[row + 1 : row + 4])
            )
        for axes, above in zip(figure.axes[4:], figure.axes):
            assert axes._left_title.get_window_extent().y1 < above.get_window_extent().y0


def test_the_tool_draws_names_parameters_and_a_population(run_tool, tmp_path):
    space = ROOT / 'configs/design_spaces/regnetx.py'
    sampled = run_tool('sample_population.py', space, '--size', 26, '--out', 'population')
    assert sampled.returncode == 0, sampled.stderr
    done = run_tool(
        'draw_networks.py',
        'regnetx_400mf',
        'depth=24,w_0=32,w_a=8,w_m=2,group_width=16',
        '--out',
        'named.svg',
    )
    assert (done.returncode, done.stdout) == (0, 'named.svg\n') and b'<svg' in (
        tmp_path / 'named.svg'
    ).read_bytes()
    done = run_tool('draw_networks.py', 'population', '--count', 25)
    assert done.stdout.split() == ['population/networks.png', 'population/networks-2.png'], (
        done.stderr
    )
    done = run_tool('draw_networks.py', 'population', '--networks', '000026')
    assert done.returncode == 2 and 'there is no network 000026 in population' in done.stderr
    done = run_tool(
        'draw_networks.py',
        'population',
        '--networks',
        '000025',
        '000003',
        '--log',
        '--out',
        'two.png',
    )
    assert (done.returncode, done.stdout) == (0, 'two.png\n'), done.stderr
    assert (tmp_path / 'population/networks.png').read_bytes().startswith(b'\x89PNG')


@pytest.mark.parametrize(
    'arguments, message',
    [
        (['regnetx_3gf'], "there is no published RegNet called 'regnetx_3gf'"),
        (['.'], 'there is no population in .'),
        (['regnetx_400mf', '--out', 'no/x.png'], 'no/x.png'),
        (['regnetx_400mf', '--out', 'x.txt'], "Format 'txt' is not supported"),
        (['regnetx_400mf', '--count', '0'], '--count must be at least 1'),
    ],
)
def test_bad_arguments_of_the_tool_are_one_line(run_tool, arguments, message):
    done = run_tool('draw_networks.py', *arguments)
    assert (
        done.returncode == 2
        and message in done.stderr.splitlines()[-1]
        and 'Traceback' not in done.stderr
    )


def test_help_of_the_tool_teaches_by_example(run_tool):
    done = run_tool('draw_networks.py', '--help')
    assert done.returncode == 0 and 'example' in done.stdout


@pytest.mark.parametrize(
    'ending, outlines, text',
    [('pdf', b'/Type3', b'/FontFile2'), ('svg', b'id="DejaVuSans', b'000000')],
)
def test_text_of_a_sheet_is_text(tmp_path, ending, outlines, text):
    (path,) = save_pages(
        contact_sheet([('000000', samples('regnetx', 1)[0])]), tmp_path / f'sheet.{ending}'
    )
    assert text in path.read_bytes() and outlines not in path.read_bytes()
