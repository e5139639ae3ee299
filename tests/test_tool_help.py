"""--help of every tool: one order, a guide that is there, and examples that can be typed."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from documented import alternatives, arguments_of, parser_of
from killing import ROOT
from own_files import own_files
from rated_populations import rated_population

from regnet_plugin.cli import guides

TOOLS = [path.name for path in own_files('tools', '*.py')]
PROGRAMS = {'optuna-dashboard'}  # of others, that examples name
# What stands for what only its reader knows is in capitals.
ANY = re.compile(r'\b[A-Z]{4,}(_[A-Z]+)*\b')
# Their first examples need nothing, and run in a second or two.
QUICK = ('choose_network.py', 'complexity.py', 'draw_networks.py', 'scale_network.py')
# These run in seconds, some on the population that the folder of the test has.
LONGER = {
    'benchmark_analysis.py': [0],
    'benchmark_sampling.py': [1],
    'compare_spaces.py': [1],
    'complexity.py': [2, 3, 4, 5],
    'draw_networks.py': [2],
    'export_optuna.py': [0],
    'export_table.py': [0],
    'make_digit_detection.py': [0, 1],
    'population_status.py': [0],
    'report_population.py': [0],
    'run_study.py': [0],
    'sample_population.py': [2, 3],
    'scale_network.py': [2, 4],
    'write_configs.py': [2],
}


def sections(tool):
    """The paragraphs of a tool's help."""
    return parser_of(tool).format_help().rstrip('\n').split('\n\n')


def examples(tool):
    """The commands at the end, each in one line and without its comment."""
    title, _, listed = sections(tool)[-1].partition('\n')
    assert title == 'examples:', tool
    for line in re.sub(r' \\\n\s+', ' ', listed).splitlines():
        assert re.match(r'  \S', line), f'{tool}: {line!r}'
        yield re.split(r'\s{4,}', line.strip())[0]


def test_there_are_tools():
    assert len(TOOLS) > 30


@pytest.mark.parametrize('tool', TOOLS)
def test_it_begins_with_what_the_tool_does_and_ends_with_two_examples(tool):
    usage, description, *_, guide, _ = sections(tool)
    assert usage.startswith('usage: ')
    assert re.match(r'[A-Z].+\.$', description, re.DOTALL), description
    assert not re.search(r'\b[Ee]xamples?:', '\n\n'.join(sections(tool)[:-1]))
    title, _, page = guide.partition(': ')
    assert title == 'guide' and (ROOT / page).is_file(), guide
    concrete = [one for one in examples(tool) if one.startswith('tools/') and not ANY.search(one)]
    assert len(concrete) >= 2 and tool in concrete[0]


@pytest.mark.parametrize('tool', TOOLS)
def test_its_examples_are_commands_that_there_are(tool):
    for example in examples(tool):
        words = [word for part in shlex.split(example) for word in alternatives(part)]
        while re.match(r'[A-Z_]+=', words[0]):
            del words[0]
        if words[0] in PROGRAMS:
            continue
        assert (ROOT / words[0]).is_file(), example
        name, arguments = arguments_of(words)
        try:
            parser_of(name).parse_args(arguments)
        except SystemExit:
            pytest.fail(f'{name} does not take {arguments}')
        for argument in arguments:
            if argument.startswith(('configs/', 'docs/')) and not argument.endswith('.json'):
                assert list(ROOT.glob(argument)), argument


@pytest.mark.parametrize('tool', QUICK)
def test_its_first_examples_run(tool, run_tool, tmp_path):
    (tmp_path / 'configs').symlink_to(ROOT / 'configs')
    for example in list(examples(tool))[:2]:
        done = run_tool(tool, *shlex.split(example)[1:])
        assert done.returncode == 0, f'{example}: {done.stderr}'


@pytest.fixture(scope='module')
def clone(tmp_path_factory):
    """A folder with what a clone has, and trained populations."""
    folder = tmp_path_factory.mktemp('clone')
    for name in ('configs', 'tools', 'docs'):
        (folder / name).symlink_to(ROOT / name)
    for name in ('regnetx_digits', 'regnetx'):
        rated_population(folder / 'work_dirs' / name, 'regnetx_digits', 4, recipe='dds_10e_digits')
    return folder


@pytest.mark.acceptance
@pytest.mark.parametrize('tool', LONGER)
def test_examples_that_run_in_seconds_run(tool, clone):
    environment = dict(os.environ, PATH=f'{Path(sys.executable).parent}:{os.environ["PATH"]}')
    listed = list(examples(tool))
    for number in LONGER[tool]:
        done = subprocess.run(
            ['bash', '-c', listed[number]],
            cwd=clone,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f'{listed[number]}: {done.stderr}'


def test_each_guide_is_there_and_its_place_is_said_once():
    for page in guides._PAGES.values():
        assert (ROOT / page).is_file(), page
    # report_study.py writes the page of the study, and says where
    pages = '|'.join(re.escape(page) for page in guides._PAGES.values() if 'study' not in page)
    for path in [*own_files('tools', '*.py'), *own_files('regnet_plugin/cli', '*.py')]:
        if path.name != 'guides.py':
            assert not re.search(pages, path.read_text()), f'{path}: guide(NAME) says where'
