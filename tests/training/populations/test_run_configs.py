"""Configs of a population's runs: where they are, and that they are trained as they stand."""

import json
import os
import re
import shutil

import pytest
from killing import ROOT
from mmengine.config import Config
from small_population import python_path

from regnet_plugin.cli.errors import UserError
from regnet_plugin.population.store import Population, PopulationError
from regnet_plugin.training.populations.run_configs import write_configs
from regnet_plugin.training.populations.run_planning import prepare_runs

DIGITS = ROOT / 'configs/regnetx_6.5mf_digits.py'


@pytest.fixture(scope='module')
def sampled(tmp_path_factory):
    from regnet_plugin.design_spaces.configuration import design_space_of
    from regnet_plugin.population.making.sampling import sample_population

    folder = tmp_path_factory.mktemp('sampled') / 'population'
    space, described, constraints = design_space_of(
        ROOT / 'configs/design_spaces/regnetx_digits.py'
    )
    sample_population(space, described, constraints, size=3, seed=0, directory=folder)
    return folder


@pytest.fixture
def population(sampled, tmp_path):
    """A population of one's own, as new."""
    return shutil.copytree(sampled, tmp_path / 'population')


def write(population, progress=lambda done, total: None, overwrite=False, **flags):
    runs = prepare_runs(Population.open(population), str(DIGITS), overwrite=overwrite, **flags)
    return write_configs(runs, overwrite, progress)


def test_a_config_per_network_and_seed_and_the_same_again(population, run_tool):
    done = run_tool('write_configs.py', population, DIGITS, '--seed', 0, 7)
    assert done.returncode == 0, done.stderr
    runs = population / 'runs/regnetx_6.5mf_digits'
    assert done.stdout == f'6 configs, the first one: {runs}/000000-0/config.py\n'
    files = {path: path.read_text() for path in sorted(runs.glob('*/*'))}
    assert [str(path.relative_to(runs)) for path in files] == [
        f'{number:06d}-{seed}/config.py' for number in range(3) for seed in (0, 7)
    ]
    networks = list(Population.open(population))
    for path in files:
        config, (number, seed) = Config.fromfile(path), path.parent.name.split('-')
        assert config.randomness.seed == int(seed) and config.work_dir == str(path.parent)
        assert (
            tuple(config.model.backbone.widths) == networks[int(number)].sample.architecture.widths
        )
    assert write(population, seeds=(0, 7)) == list(files)
    assert {path: path.read_text() for path in files} == files


INNERMOST_ON_CPUS = dict(channels_last='cpu', bfloat16=False, compile=False)


@pytest.mark.parametrize(
    'options, expected',
    [
        ({}, INNERMOST_ON_CPUS),
        ({'model.backbone.fast_path': False}, False),
        ({'model.backbone.fast_path': dict(bfloat16=False)}, dict(bfloat16=False)),
        ({'model.backbone.conv_cfg': dict(type='ConvWS')}, None),
    ],
)
def test_channels_are_innermost_on_cpus_where_a_recipe_says_nothing(population, options, expected):
    (run, *_) = prepare_runs(Population.open(population), str(DIGITS), options=options)
    (path,) = write_configs([run])
    assert Config.fromfile(path).model.backbone.get('fast_path') == expected
    assert Config.fromfile(run.folder.parent / 'recipe.py').model.backbone.get('fast_path') == (
        expected
    )


def test_what_an_earlier_version_began_goes_on_as_it_was_begun(population):
    """Version 0.1 said nothing of how networks compute; nobody mixes the two in one folder."""
    opened = Population.open(population)
    (run, *_) = prepare_runs(opened, str(DIGITS))
    noted = run.folder.parent / 'recipe.py'
    earlier = Config.fromfile(noted)
    del earlier.model.backbone['fast_path']
    noted.write_text(earlier.pretty_text)
    (path, *_) = write_configs(prepare_runs(opened, str(DIGITS)))
    assert noted.read_text() == earlier.pretty_text
    assert 'fast_path' not in Config.fromfile(path).model.backbone


def test_another_config_is_not_replaced_unasked(population):
    def epochs(**flags):
        (path,) = write(population, names=['000001'], **flags)
        return Config.fromfile(path).train_cfg.max_epochs

    assert epochs() == 15
    shorter = {'train_cfg.max_epochs': 5}
    with pytest.raises(PopulationError, match='recipe.py is there and is another recipe.*--name'):
        epochs(options=shorter)
    assert (
        epochs(options=shorter, name='shorter')
        == epochs(options=shorter, out=population / 'elsewhere')
        == 5
    )
    assert epochs() == 15
    path = population / 'runs/regnetx_6.5mf_digits/000001-0/config.py'
    path.write_text(path.read_text() + 'log_level = "ERROR"\n')  # by hand
    with pytest.raises(
        UserError, match='000001-0/config.py is there and is another config; --overwrite'
    ):
        epochs()
    assert epochs(options=shorter, overwrite=True) == 5


@pytest.mark.acceptance
def test_a_config_is_trained_as_it_stands_wherever_it_was_moved(population, run_tool, tmp_path):
    """From another folder, after the population was moved.

    What the run makes is in the config's folder.
    """
    done = run_tool(
        'write_configs.py',
        'population',
        DIGITS,
        '--networks',
        '000002',
        '--cfg-options',
        'train_cfg.max_epochs=2',
    )
    assert done.returncode == 0, done.stderr
    (tmp_path / 'elsewhere').mkdir()
    moved = population.rename(tmp_path / 'elsewhere/moved') / 'runs/regnetx_6.5mf_digits/000002-0'
    text = (moved / 'config.py').read_text()
    (tmp_path / 'here').mkdir()
    done = run_tool(
        'train.py',
        moved / 'config.py',
        '--cfg-options',
        'default_hooks.logger.interval=5',
        cwd=tmp_path / 'here',
    )
    assert done.returncode == 0, done.stderr
    accuracy, *files = done.stdout.splitlines()[-5:]
    assert accuracy.startswith('accuracy/top1: ') and all(str(moved) in line for line in files)
    assert (moved / 'epoch_2.pth').is_file() and not list((tmp_path / 'here').iterdir())
    assert (moved / 'config.py').read_text() == text  # MMEngine writes what it ran beside it
    counted = run_tool('complexity.py', moved / 'config.py').stdout.splitlines()[1].split()
    cost = next(
        network
        for network in Population.open(tmp_path / 'elsewhere/moved')
        if network.name == '000002'
    ).sample
    assert counted[1:4] == ['32', f'{cost.complexity.flops:,}', f'{cost.complexity.parameters:,}']


@pytest.mark.parametrize(
    'arguments, message',
    [
        (['nowhere', DIGITS], 'there is no population in nowhere'),
        (['population', 'missing.py'], 'missing.py'),
        (
            ['population', DIGITS, '--networks', '000003'],
            'there is no network 000003 in population',
        ),
        (
            ['population', DIGITS, '--seed', '-1'],
            'a seed must be from 0 to 2147483647, but it is -1',
        ),
        (
            ['population', DIGITS, '--seed', '4294967296'],
            'a seed must be from 0 to 2147483647, but it is 4294967296',
        ),
        (
            ['population', DIGITS, '--seed', '0', '1', '0'],
            'a seed must be given once, but 0 is given 2 times',
        ),
        (
            ['population', DIGITS, '--networks', '000001', '000001'],
            'a network must be given once, but 000001 is given 2 times',
        ),
        (
            ['population', DIGITS, '--name', '../../esc'],
            "a name is that of one folder, but it is '../../esc'",
        ),
        (['population', ''], "a recipe must be the path of a config, but there is no file ''"),
        (
            ['population', DIGITS, '--cfg-options', 'model.backbone=5'],
            'a dict, whose place the network takes, but it is 5',
        ),
        (
            ['population', DIGITS, '--cfg-options', 'model=None'],
            'a dict, whose place the network takes, but there is none',
        ),
        (['population', DIGITS, '--out', ''], '--out: must name a folder, but it is empty'),
        (
            ['population', DIGITS, '--cfg-options', 'model.backbone.drop_path_rate=1.5'],
            'network 000000: drop_path_rate must be from 0 to less than 1, but drop_path_rate=1.5',
        ),
        (
            ['population', ROOT / 'configs/regnetx_400mf_imagenet.py'],
            '_imagenet.py, network 000000: a recipe must have',
        ),
    ],
)
def test_bad_arguments_are_one_line_and_exit_code_2(population, run_tool, arguments, message):
    done = run_tool('write_configs.py', *arguments)
    assert done.returncode == 2 and message in done.stderr.splitlines()[-1]
    assert 'Traceback' not in done.stderr and not (population / 'runs').exists()


def test_a_recipe_that_ends_the_program_is_refused(population, tmp_path):
    (tmp_path / 'exits.py').write_text('import sys\nsys.exit(3)\n')
    with pytest.raises(
        UserError, match=r'exits.py: a config must not end the program .* calls sys.exit\(3\)'
    ):
        prepare_runs(Population.open(population), str(tmp_path / 'exits.py'))


def test_nothing_is_written_where_the_last_network_does_not_fit(population):
    """It has three stages, and the recipe freezes four."""
    path = population / 'architectures.jsonl'
    *lines, last = path.read_text().splitlines()
    last = json.loads(last)
    for values in last['architecture'].values():
        if isinstance(values, list):
            values.pop()
    path.write_text('\n'.join([*lines, json.dumps(last)]) + '\n')
    told = []
    with pytest.raises(
        UserError, match='network 000002: frozen_stages must be .* up to 3, but frozen_stages=4'
    ):
        write(
            population,
            lambda done, total: told.append((done, total)),
            options={'model.backbone.frozen_stages': 4},
        )
    assert told == [(1, 3), (2, 3)] and not (population / 'runs').exists()
    # a recipe that nothing was written with does not stand in the way
    assert len(write(population, names=['000000'])) == 1


@pytest.mark.parametrize(
    'value, reason', [(float('inf'), "name 'inf' is not defined"), (len, 'SyntaxError')]
)
def test_a_recipe_that_no_file_can_hold_is_refused(population, value, reason):
    with pytest.raises(
        UserError, match=f'must hold numbers, texts, lists and dicts only, .*{reason}'
    ):
        write(population, options={'optim_wrapper.clip_grad.norm_type': value})
    assert not (population / 'runs').exists()
    write(population)
    with pytest.raises(UserError, match=reason):  # also where a recipe is noted already
        write(population, options={'optim_wrapper.clip_grad.norm_type': value})


OWN_BLOCK = """
import torch

from regnet_plugin.core.complexity import conv_cost, register_cost
from regnet_plugin.registry import MODELS


@MODELS.register_module()
class Pointwise(torch.nn.Module):
    def __init__(self, width_in, stage, *, stride, se_ratio, drop_path_rate, layers):
        super().__init__()
        self.conv1 = layers.conv(width_in, stage.width, 1, stride=stride)
        self.bn1 = layers.norm(stage.width)

    def forward(self, x):
        return self.bn1(self.conv1(x))


def cost(stage, width_in, image_in, image):
    return conv_cost(1, width_in, stage['width'], image)


register_cost('Pointwise', cost, shortcut=False)
"""


@pytest.mark.acceptance
def test_a_block_of_ones_own_goes_all_the_way(run_tool, tmp_path):
    """From a module that only the design space's config names to a trained network.

    In processes of their own.
    """
    (tmp_path / 'modules').mkdir()
    (tmp_path / 'modules/own_block.py').write_text(OWN_BLOCK)
    space, recipe = tmp_path / 'space.py', tmp_path / 'recipe.py'
    space.write_text(f"""_base_ = {str(ROOT / 'configs/design_spaces/anynetv_a.py')!r}
custom_imports = dict(imports=['own_block'])
design_space = dict(block='Pointwise', depth=dict(high=2), num_classes=10, resolution=32)
constraints = dict(flops=(1e5, 1e6))
""")
    recipe.write_text(
        f"_base_ = {str(DIGITS)!r}\ncustom_imports = dict(imports='recording_hook')\n"
    )
    paths = python_path(tmp_path / 'modules', ROOT / 'tests')
    environment = dict(os.environ, PYTHONPATH=paths, OMP_NUM_THREADS='1')

    def run(*command):
        done = run_tool(*command, env=environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    run('sample_population.py', space, '--size', 2, '--processes', 2, '--out', 'population')
    assert Population.open(tmp_path / 'population').manifest['custom_imports'] == ['own_block']
    assert run('draw_networks.py', 'population') == 'population/networks.png\n'
    run('write_configs.py', 'population', recipe, '--cfg-options', 'train_cfg.max_epochs=2')
    config = tmp_path / 'population/runs/recipe/000001-0/config.py'
    assert Config.fromfile(config, import_custom_modules=False).custom_imports.imports == [
        'recording_hook',
        'own_block',
    ]
    assert 'accuracy/top1' in run('train.py', config)
    run('train_population.py', 'population', recipe, '--cfg-options', 'train_cfg.max_epochs=2')
    assert '2 of 2 ended' in run('population_status.py', 'population')
    run(
        'select_best.py',
        'population',
        recipe,
        '--ranked-by',
        'recipe',
        '--name',
        'again',
        '--seed',
        1,
        '--cfg-options',
        'train_cfg.max_epochs=2',
    )
    run('export_table.py', 'population', '--recipe', 'recipe', '--out', 'population.jsonl')
    run('report_population.py', 'population', 'population.jsonl', '--recipe', 'recipe')
    assert '2 new in' in run('measure_latency.py', 'population', '--batch', 2)
    run('export_optuna.py', 'population')
    run('complexity.py', config)
    run('export.py', config, '--out', 'network.pt2')
    run(
        'benchmark_population.py',
        'population',
        recipe,
        '--networks',
        0,
        '--rounds',
        1,
        '--cfg-options',
        'train_cfg.max_epochs=2',
    )
    shutil.rmtree(tmp_path / 'modules')
    done = run_tool('write_configs.py', 'population', recipe, env=environment)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        'error: the population needs own_block on PYTHONPATH: ImportError: Failed to import '
        'own_block'
    )


def test_the_recipe_of_the_documents(population, tmp_path):
    text = re.search(
        r'```python\n(.*?)```', (ROOT / 'docs/how_to/populations.md').read_text(), re.DOTALL
    )[1]
    path = tmp_path / 'adamw.py'
    path.write_text(text.replace("'../configs", f"'{ROOT}/configs"))
    (run,) = prepare_runs(
        Population.open(population), str(path), names=['000001'], trained_here=True
    )
    (path,) = write_configs([run])
    assert run.folder.parent.name == 'adamw'
    assert set(Config.fromfile(path).optim_wrapper.optimizer) == {'type', 'lr', 'weight_decay'}


def test_help_teaches_by_example(run_tool):
    done = run_tool('write_configs.py', '--help')
    assert done.returncode == 0 and 'example' in done.stdout and 'faster_rcnn' in done.stdout
