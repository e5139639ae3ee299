"""Populations over a config from sampling to export, by the tools, with loader workers."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest
from killing import ROOT
from private_slurm import slurm
from rated_populations import rated_population
from short_trainings import SHORT, succeeded
from small_population import check_same, results, untrained

from regnet_plugin.population.readers import read_records
from regnet_plugin.population.store import Population

SPACES = ROOT / 'configs/design_spaces/of_configs'
VIT = SPACES / 'vision_transformer_digits.py'


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


@pytest.mark.parametrize('launcher', ['ray', 'slurm'])
def test_clusters_train_it_to_the_results_of_one_machine(
    trained, folder, tmp_path, monkeypatch, launcher
):
    copy = untrained(trained, tmp_path / 'copy')
    shutil.copy(trained / 'base.py', copy)
    base = copy / 'base.py'
    options = ['--networks', 0, 1, '--cfg-options', *SHORT]
    with ExitStack() as stack:
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix=launcher))
        environment = dict(os.environ, OMP_NUM_THREADS='1', RAY_TMPDIR=scratch)
        flags = ['--address', 'local', '--cpus-per-network', 0.5, '--workers', 1]
        if launcher == 'slurm':
            environment.update(stack.enter_context(slurm(Path(scratch))), OMP_NUM_THREADS='1')
            flags = []
        words = [copy, base, '--launcher', launcher, *flags, *options]
        done = subprocess.run(
            [sys.executable, ROOT / 'tools/train_population.py', *map(str, words)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
        )
    assert '2 of 2 networks trained' in succeeded(done)
    expected = results(trained, 'base')
    check_same(results(copy, 'base'), {name: expected[name] for name in ('000000-0', '000001-0')})


def test_a_dry_run_says_what_it_would_cost(trained, tool):
    done = tool('train_population.py', trained, trained / 'base.py', '--name', 'dry', '--dry-run')
    assert '4 runs: 0 done, 0 failed, 4 to be trained' in done.stdout + done.stderr
    assert 'MF' in done.stdout and not (trained / 'runs/dry').exists()


def test_the_best_are_trained_again(trained, tool):
    again = 'select_best.py', trained, trained / 'base.py', '--ranked-by', 'base', '--count', 1
    done = tool(*again, '--seed', 1, '--name', 'again', '--workers', 1, '--cfg-options', *SHORT)
    succeeded(done)
    best = min(results(trained, 'base').items(), key=lambda named: named[1].last_error)[0]
    assert list(results(trained, 'again')) == [best.replace('-0', '-1')]
    shutil.rmtree(trained / 'runs/again')


def test_one_of_it_is_chosen_for_a_budget_and_costs_what_it_was_sampled_with(trained, tool):
    flops = {network.name: network.sample.complexity.flops for network in Population.open(trained)}
    file = trained.parent / 'choices.json'
    succeeded(tool('choose_network.py', '--flops', '10e6', '--population', trained, '--json', file))
    chosen = json.loads(file.read_text())['within']
    assert {one['network'][:6]: one['flops'] for one in chosen} == flops
    config = trained / 'runs/base/000000-0/config.py'
    assert f'{flops["000000"]:,}' in succeeded(tool('complexity.py', config))


def test_restrictions_are_proposed_judged_and_sampled(folder, tool):
    """Of networks that are the better the deeper they are."""
    rated = rated_population(folder / 'rated', f'of_configs/{VIT.stem}', 40)
    said = succeeded(tool('restrict_space.py', rated))
    assert any(name in said for name in ('depth', 'width', 'patch_size', 'mlp_ratio'))
    judged = 'restrict_space.py', rated, '--where', 'depth <= 4', '--out', 'shallow.py'
    assert 'depth <= 4' in succeeded(tool(*judged))
    succeeded(tool('sample_population.py', 'shallow.py', '--size', 3, '--out', 'shallow'))
    depths = [one.sample.parameters['depth'] for one in Population.open(folder / 'shallow')]
    assert len(depths) == 3 and max(depths) <= 4


def test_spaces_over_configs_are_compared(trained, folder, tool):
    """As far as a plan: trainings and hours, from the errors of two populations."""
    deep = folder / 'deep.py'
    deep.write_text(
        f'_base_ = {str(VIT)!r}\n'
        "design_space = dict(where='width % channels_per_head == 0 and depth >= 4')\n"
    )
    errors = [
        rated_population(folder / f'errors_{seed}', f'of_configs/{VIT.stem}', 24, seed=seed)
        for seed in (1, 2)
    ]
    spaces = VIT, deep, trained / 'base.py', '--flops', '3e6', '4e6'
    plan = '--dry-run', '--errors', *errors, '--difference', 1
    assert 'trainings' in succeeded(tool('compare_spaces.py', *spaces, *plan))
