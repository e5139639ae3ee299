"""Populations over a config from sampling to export, by the tools, with loader workers."""

import json

import pytest
import tool_process
from documented import PAGES, commands
from killing import ROOT

from regnet_plugin.population.readers import read_records
from regnet_plugin.population.store import Population

SPACES = ROOT / 'configs/design_spaces/of_configs'
VIT = SPACES / 'vision_transformer_digits.py'
# One epoch, with workers that load, as the recipes of ImageNet have.
SHORT = (
    'train_cfg.max_epochs=1',
    'train_dataloader.num_workers=1',
    'val_dataloader.num_workers=1',
)


def succeeded(done):
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """A folder in which the guide's commands find the configs."""
    path = tmp_path_factory.mktemp('over_configs')
    (path / 'configs').symlink_to(ROOT / 'configs')
    return path


@pytest.fixture(scope='module')
def tool(folder):
    def run(name, *args):
        words = list(map(str, args))
        return tool_process.run(ROOT / 'tools' / name, words, folder, timeout=600)

    return run


@pytest.fixture(scope='module')
def trained(folder, tool):
    """What the guide's first commands make, but for the number of networks and epochs."""
    (page,) = [page for page in PAGES if page.name == 'own_networks.md']
    sample, train, status, report = [command.words for command in commands(page)][:4]
    assert '60' in sample
    succeeded(tool('sample_population.py', *['4' if word == '60' else word for word in sample[1:]]))
    succeeded(tool('train_population.py', *train[1:], '--cfg-options', *SHORT))
    assert '4 of 4' in succeeded(tool('population_status.py', *status[1:]))
    succeeded(tool('report_population.py', *report[1:]))
    return folder / 'work_dirs/vit'


def test_it_is_a_folder_as_any_other(trained):
    networks = list(Population.open(trained))
    assert [network.name for network in networks] == ['000000', '000001', '000002', '000003']
    for network in networks:
        result = json.loads((trained / f'runs/base/{network.name}-0/result.json').read_text())
        assert result['status'] == 'done'
        config = (trained / f'runs/base/{network.name}-0/config.py').read_text()
        assert f'embed_dims={network.sample.parameters["width"]},' in config
    (records,) = read_records(trained)
    assert {'depth', 'width', 'channels_per_head', 'patch_size', 'flops'} <= set(records.columns)
    assert records.rated().all() and (records.columns['flops'] <= 10e6).all()


def test_status_report_drawing_and_exports(trained, folder, tool):
    (path,) = folder.glob('**/*.html')
    page = path.read_text()
    assert 'parameter-channels_per_head' in page and 'parameter-width' in page
    succeeded(tool('draw_networks.py', trained, '--out', 'vit.svg'))
    assert 'channels_per_head' in (folder / 'vit.svg').read_text()
    succeeded(tool('export_table.py', trained, '--out', 'vit.jsonl'))
    (table,) = read_records(folder / 'vit.jsonl')
    assert {'width', 'channels_per_head'} <= set(table.columns)
    succeeded(tool('export_optuna.py', trained))
    assert 'channels_per_head' in (trained / 'optuna.log').read_text()


def test_a_longer_one_begins_with_it_and_a_base_is_kept(trained, folder, tool):
    same = '--out', folder / 'longer'
    succeeded(tool('sample_population.py', VIT, '--size', 2, *same))
    succeeded(tool('sample_population.py', VIT, '--size', 4, *same, '--resume'))
    assert list(Population.open(folder / 'longer')) == list(Population.open(trained))
    base = folder / 'longer/base.py'
    base.write_text(base.read_text().replace('num_layers=4', 'num_layers=5'))
    done = tool('sample_population.py', VIT, '--size', 5, *same, '--resume')
    assert done.returncode == 2 and 'a population must be of one base' in done.stderr


def test_a_restricted_space_has_twins(trained, folder, tool):
    networks = list(Population.open(trained))
    widest = max(network.sample.parameters['width'] for network in networks)
    rule = f'width % channels_per_head == 0 and width < {widest}'  # the first is the space's own
    (folder / 'narrow.py').write_text(
        f'_base_ = {str(VIT)!r}\ndesign_space = dict(where={rule!r})\n'
    )
    succeeded(tool('sample_population.py', 'narrow.py', '--twins-of', trained, '--out', 'narrow'))
    twins = {network.draw: network.sample for network in Population.open(folder / 'narrow')}
    narrow = [one for one in networks if one.sample.parameters['width'] < widest]
    assert twins == {network.draw: network.sample for network in narrow}


def test_a_recipe_for_other_classes_is_refused(trained, tool):
    done = tool('train_population.py', trained, ROOT / 'configs/recipes/dds_10e_imagenet.py')
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_parameter_called_as_an_argument_of_anynet_is_refused(folder, tool):
    """A table would take it for the width of a head's conv."""
    (folder / 'named.py').write_text(
        (ROOT / 'configs/design_spaces/of_configs/vision_transformer_digits.py')
        .read_text()
        .replace('channels_per_head', 'head_width')
        .replace('{{ fileDirname }}/../..', str(ROOT / 'configs'))
    )
    done = tool('sample_population.py', 'named.py', '--size', 2, '--out', 'named')
    assert done.returncode == 2 and "'head_width' is what a table calls" in done.stderr
