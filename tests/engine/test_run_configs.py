"""Configs of a population's runs: where they are, and that they are trained as they stand."""
import shutil

import pytest
from killing import ROOT
from mmengine.config import Config

from regnet_plugin.population.store import Population

DIGITS = ROOT / 'configs/regnetx_6.5mf_digits.py'


@pytest.fixture(scope='module')
def sampled(tmp_path_factory):
    from regnet_plugin.population.configuration import design_space_of
    from regnet_plugin.population.sampling import sample_population
    folder = tmp_path_factory.mktemp('sampled') / 'population'
    space, described, constraints = design_space_of(ROOT / 'configs/design_spaces/regnetx_digits.py')
    sample_population(space, described, constraints, size=3, seed=0, directory=folder)
    return folder


@pytest.fixture
def population(sampled, tmp_path):
    """A population of one's own, as new."""
    return shutil.copytree(sampled, tmp_path / 'population')


def test_a_config_per_network_and_seed_and_the_same_again(population, run_tool):
    done = run_tool('write_configs.py', population, DIGITS, '--seed', 0, 7)
    assert done.returncode == 0, done.stderr
    runs = population / 'runs/regnetx_6.5mf_digits'
    assert done.stdout == f'6 configs, the first one: {runs}/000000-0/config.py\n'
    files = {path: path.read_text() for path in sorted(runs.glob('*/*'))}
    assert [str(path.relative_to(runs)) for path in files] == [
        f'{number:06d}-{seed}/config.py' for number in range(3) for seed in (0, 7)]
    networks = list(Population.open(population))
    for path in files:
        config, (number, seed) = Config.fromfile(path), path.parent.name.split('-')
        assert config.randomness.seed == int(seed) and config.work_dir == str(path.parent)
        assert tuple(config.model.backbone.widths) == networks[int(number)].sample.architecture.widths
    assert run_tool('write_configs.py', population, DIGITS, '--seed', 0, 7).returncode == 0
    assert {path: path.read_text() for path in files} == files


def test_another_config_is_not_replaced_unasked(population, run_tool):
    flags = ('--networks', '000001')
    assert run_tool('write_configs.py', population, DIGITS, *flags).returncode == 0
    options = ('--cfg-options', 'train_cfg.max_epochs=5')
    done = run_tool('write_configs.py', population, DIGITS, *flags, *options)
    assert done.returncode == 2 and 'recipe.py is there and is another recipe' in done.stderr and '--name' in done.stderr
    path = population / 'runs/regnetx_6.5mf_digits/000001-0/config.py'
    assert Config.fromfile(path).train_cfg.max_epochs == 15
    assert run_tool('write_configs.py', population, DIGITS, *flags, *options, '--out', 'runs').returncode == 0
    assert run_tool('write_configs.py', population, DIGITS, *flags, *options, '--overwrite').returncode == 0
    assert Config.fromfile(path).train_cfg.max_epochs == 5
    path.write_text(path.read_text() + 'log_level = "ERROR"\n')  # by hand
    done = run_tool('write_configs.py', population, DIGITS, *flags, *options)
    assert done.returncode == 2 and f'{path} is there and is another config; --overwrite' in done.stderr


def test_a_config_is_trained_as_it_stands_wherever_it_was_moved(population, run_tool, tmp_path):
    """From another folder, after the population was moved; what the run makes is in the config's folder."""
    done = run_tool('write_configs.py', 'population', DIGITS, '--networks', '000002', '--cfg-options',
                    'train_cfg.max_epochs=2')
    assert done.returncode == 0, done.stderr
    (tmp_path / 'elsewhere').mkdir()
    moved = population.rename(tmp_path / 'elsewhere/moved') / 'runs/regnetx_6.5mf_digits/000002-0'
    text = (moved / 'config.py').read_text()
    (tmp_path / 'here').mkdir()
    done = run_tool('train.py', moved / 'config.py', '--cfg-options', 'default_hooks.logger.interval=5',
                    cwd=tmp_path / 'here')
    assert done.returncode == 0, done.stderr
    accuracy, *files = done.stdout.splitlines()[-5:]
    assert accuracy.startswith('accuracy/top1: ') and all(str(moved) in line for line in files)
    assert (moved / 'epoch_2.pth').is_file() and not list((tmp_path / 'here').iterdir())
    assert (moved / 'config.py').read_text() == text  # MMEngine writes what it ran beside it
    counted = run_tool('complexity.py', moved / 'config.py').stdout.splitlines()[1].split()
    cost = next(network for network in Population.open(tmp_path / 'elsewhere/moved') if network.name == '000002').sample
    assert counted[1:4] == ['32', f'{cost.complexity.flops:,}', f'{cost.complexity.parameters:,}']


@pytest.mark.parametrize('arguments, message', [
    (['nowhere', DIGITS], 'there is no population in nowhere'),
    (['population', 'missing.py'], 'missing.py'),
    (['population', DIGITS, '--networks', '000003'], 'there is no network 000003 in population'),
    (['population', DIGITS, '--seed', '-1'], '--seed must not be negative, but it is -1'),
    (['population', ROOT / 'configs/regnetx_400mf_imagenet.py'], '_imagenet.py, network 000000: a recipe must have'),
])
def test_bad_arguments_are_one_line_and_exit_code_2(population, run_tool, arguments, message):
    done = run_tool('write_configs.py', *arguments)
    assert done.returncode == 2 and message in done.stderr.splitlines()[-1]
    assert 'Traceback' not in done.stderr and not (population / 'runs').exists()


def test_help_teaches_by_example(run_tool):
    done = run_tool('write_configs.py', '--help')
    assert done.returncode == 0 and 'example' in done.stdout and 'faster_rcnn' in done.stdout
