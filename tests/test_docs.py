"""README and docs: each command, flag and file that they name is there.

What they say of files that tools write is so. The commands that take longer run in
tests/acceptance/test_docs.py.
"""

import json
import pickle
import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from documented import (
    PAGES,
    PROGRAMS,
    Command,
    alternatives,
    arguments_of,
    commands,
    flags,
    parser_of,
    paths,
)
from killing import ROOT
from own_files import own_files
from rated_populations import rated_population

from regnet_plugin.population.runs.results import REASONS

COMMANDS = [command for page in PAGES for command in commands(page)]
# Flags that pages name and no tool has: of others' programs, and of the project's own scripts.
FOREIGN = {
    '--acceptance',
    '--config',
    '--dest',
    '--write',
    '--upgrade',
    '--head',
    '--port',
    '--block',
    '--num-gpus',
    '--num-cpus',
    '--node-ip-address',
    '--resources',
    '--logdir',
}


def test_there_are_pages_with_commands():
    assert {'README.md', 'populations.md', 'reports.md', 'weights.md', 'detection.md'} <= {
        page.name for page in PAGES
    }
    assert len(COMMANDS) > 60


@pytest.mark.parametrize('command', COMMANDS, ids=str)
def test_every_command_is_one_that_there_is(command):
    words = command.words
    if words[0].startswith('tools/'):
        _check_tool(command)
    elif words[0] == 'make':
        text = (ROOT / 'Makefile').read_text()
        for word in words[1:]:
            name, is_variable, _ = word.partition('=')
            assert re.search(
                rf'^{name} \?=' if is_variable else rf'^{name}:', text, re.MULTILINE
            ), f'make {word}'
    elif words[:2] == ['pip', 'install']:
        _check_packages(words[2:])
    elif words[:3] == ['mim', 'train', 'regnet_plugin']:
        assert own_files('configs', f'**/{words[3]}')
    elif words[:3] == ['mim', 'download', 'regnet_plugin']:
        assert f'Name: {words[4]}\n' in (ROOT / 'configs/metafile.yml').read_text()
    elif words[:2] == ['mim', 'run']:
        # mim takes the maintained family's own name
        package = dict(mmdetection='mmdet').get(words[2], words[2])
        tools = Path(find_spec(package).origin).parent / '.mim/tools'
        (script,) = tools.rglob(f'{words[3]}.py')
        parser_of(script.name, script.parent).parse_args(words[4:])
    else:
        assert words[0] in PROGRAMS, words[0]


def _check_tool(command):
    path = ROOT / command.words[0]
    assert path.is_file() and path.stat().st_mode & 0o100, path
    tool, arguments = arguments_of(command.words)
    parser = parser_of(tool)
    assert (
        set(re.findall(r'(?<![\w-])--[a-z][\w-]*', command.comment))
        <= parser._option_string_actions.keys() | FOREIGN
    )
    is_sentence = len(arguments) == 0 or arguments == ['--help']  # names the tool only
    if not is_sentence:
        try:
            parser.parse_args(arguments)
        except SystemExit:
            pytest.fail(f'{tool} does not take {arguments}')
    for argument in arguments:
        if argument.startswith('configs/'):
            assert list(ROOT.glob(argument)), argument


# What guides install beside this environment; acceptance/test_other_libraries.py does so.
LENT = ['mmpose==1.3.2', 'mmyolo==0.6.0']


def _check_packages(words):
    extras = re.search(
        r'extras_require=\{(.*?)\n    \}', (ROOT / 'setup.py').read_text(), re.DOTALL
    )[1]
    pins = (ROOT / 'environment/pins.txt').read_text().splitlines()
    pins += LENT
    for word in words:
        named = re.search(r'\[(.+)\]', word)
        for extra in named[1].split(',') if named else ():
            assert f"'{extra}':" in extras, extra
        if '==' in word:
            assert word in pins, word


@pytest.mark.parametrize('page', PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_flags_in_sentences_are_flags_of_a_tool(page):
    known = {
        flag
        for path in own_files('tools', '*.py')
        for flag in parser_of(path.name)._option_string_actions
    }
    known |= {'--structure'}  # of docs/make_gallery.py
    assert set(flags(page)) - known - FOREIGN == set()


@pytest.mark.parametrize('page', PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_a_page_names_are_there(page):
    for path in paths(page):
        for one in alternatives(path):
            assert list(ROOT.glob(one)) if '*' in one else (ROOT / one).exists(), (
                f'{path} in {page}'
            )


def test_those_tests_can_fail():
    page = ROOT / 'README.md'
    for text in ('tools/train.py', 'tools/train.py CONFIG --resum x --no-such-flag'):
        command = Command(page, text, comment='--no-such-flag')
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            _check_tool(command)


def test_blocks_of_python_are_python():
    for page in PAGES:
        for block in re.findall(
            r'^```python\n(.*?)^```', page.read_text(), re.MULTILINE | re.DOTALL
        ):
            compile(block, str(page), 'exec')


def test_the_analysis_of_reports_runs_as_it_stands():
    (block,) = (
        block
        for block in re.findall(
            r'^```python\n(.*?)^```', (ROOT / 'docs/how_to/reports.md').read_text(), re.M | re.S
        )
        if 'best_of(' in block
    )
    names = {}
    exec(block, names)
    assert (
        names['pair'].better == 'B'
        and len(names['search'].mean) == 3
        and names['depth'].median == 14
    )


@pytest.fixture(scope='module')
def population(tmp_path_factory):
    """A trained population where the pages have theirs."""
    folder = tmp_path_factory.mktemp('docs')
    rated_population(
        folder / 'work_dirs/regnetx_digits', 'regnetx_digits', 4, recipe='dds_10e_digits'
    )
    return folder


# What a page says of a command: the sentence, the command as it stands there, and the files that it
# has written then.
WRITES = [
    pytest.param(
        'populations.md',
        'writes `report.html`, a page that lists all networks with\ntheir errors, and the list '
        'as `report_files/networks.csv`',
        'tools/report_population.py work_dirs/regnetx_digits',
        ['report.html', 'report_files/networks.csv', 'report_files/edf.pdf'],
        marks=pytest.mark.acceptance,
    ),
    (
        'populations.md',
        'as one table, regnetx_digits.jsonl, here',
        'tools/export_table.py work_dirs/regnetx_digits',
        ['regnetx_digits.jsonl'],
    ),
    (
        'populations.md',
        'optuna-dashboard POPULATION/optuna.log',
        'tools/export_optuna.py POPULATION',
        ['work_dirs/regnetx_digits/optuna.log'],
    ),
    (
        'first_population.md',
        'with a network in each line of `architectures.jsonl`',
        'tools/draw_networks.py work_dirs/regnetx_digits',
        ['work_dirs/regnetx_digits/architectures.jsonl', 'work_dirs/regnetx_digits/networks.png'],
    ),
    (
        'populations.md',
        'shows the same from anywhere',
        'tools/population_status.py work_dirs/regnetx_digits',
        [],
    ),
]


@pytest.mark.parametrize('page, sentence, command, written', WRITES)
def test_what_a_command_writes_is_where_the_page_says(
    population, run_tool, page, sentence, command, written
):
    (path,) = (
        path for path in PAGES if path.name == page and path.parent.name in ('how_to', 'tutorials')
    )
    assert sentence in path.read_text()
    found = next(
        one for one in commands(path) if one.text == command or one.text == f'{command} --watch'
    )
    tool, arguments = arguments_of(found.words)
    replaced = {
        'POPULATION': 'work_dirs/regnetx_digits',
        'work_dirs/regnetx': 'work_dirs/regnetx_digits',
    }
    done = run_tool(
        tool, *(replaced.get(argument, argument) for argument in arguments), cwd=population
    )
    assert done.returncode == 0, done.stderr
    for file in written:
        assert (population / file).is_file(), file


def test_the_fields_of_a_result_are_those_of_the_page(population):
    result = json.loads(next((population / 'work_dirs').rglob('result.json')).read_text())
    said = ' '.join((ROOT / 'docs/reference/population_folder.md').read_text().split())
    assert (
        'of the best epoch, the curve, complexity, seconds, peak memory, device, versions, digest '
        'of the recipe' in said
    )
    assert {
        'last_error',
        'best_error',
        'curve',
        'complexity',
        'seconds',
        'peak_memory',
        'device',
        'versions',
        'metric',
        'recipe_digest',
        'reason',
    } <= result.keys()
    assert re.search(r'or why there is none: (.*?)\. ', said)[1] == ', '.join(
        f'`{reason}`' for reason in REASONS
    )


def test_what_torch_says_of_a_checkpoint_of_mmengine(tmp_path):
    """docs/how_to/weights.md: plain ``weights_only=True`` refuses it, and ours does not.

    Its history is in it.
    """
    import torch
    from mmengine.logging import HistoryBuffer

    from regnet_plugin.weights.files import read_weights

    path = tmp_path / 'epoch_100.pth'
    weights = {'conv1.weight': torch.ones(2, 2, 3, 3)}
    torch.save(dict(state_dict=weights, message_hub=dict(loss=HistoryBuffer([1.0], [1]))), path)
    assert list(read_weights(path)) == list(weights)
    with pytest.raises(pickle.UnpicklingError, match='HistoryBuffer'):
        torch.load(path, weights_only=True)


def test_what_an_exported_file_says_of_its_images():
    from regnet_plugin.export.network import load_network

    said = re.search(
        r'as JSON with (.*?);', (ROOT / 'docs/how_to/export.md').read_text(), re.DOTALL
    )[1]
    assert re.findall('`(.*?)`', said) == ['mean', 'std', 'channels', 'pad_size_divisor']
    classifier = load_network(str(ROOT / 'configs/regnetx_6.5mf_digits.py')).preprocessing
    assert (
        set(classifier) == {'mean', 'std', 'channels'}
        and load_network('regnetx_200mf').preprocessing == {}
    )
    json.dumps(classifier)


def test_the_embedded_detection_set_is_rated_by_what_the_page_says():
    from mmengine.config import Config

    said = ' '.join((ROOT / 'docs/reference/population_folder.md').read_text().split())
    assert "`save_best='coco/bbox_mAP_50'`, 100 - AP50" in said
    for path in own_files('configs/detection', '*_digits.py'):
        assert Config.fromfile(path).default_hooks.checkpoint.save_best == 'coco/bbox_mAP_50'


def test_every_tool_is_on_a_page():
    text = ' '.join(page.read_text() for page in PAGES)
    helpers = {
        'slurm_run.sh',
        'dist_test.sh',
        'slurm_test.sh',
        'benchmark_analysis.py',
        'benchmark_sampling.py',
    }
    for path in own_files('tools', '*.*'):
        assert path.name in helpers or path.name in text, path.name
