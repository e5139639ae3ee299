"""Runs of a population, and how far they are: the files that its training rests on."""

from dataclasses import replace

import pytest
from written_results import ENDLESS, result

from regnet_plugin.benchmarks.populations.file_operations import counted_operations
from regnet_plugin.files import create
from regnet_plugin.population.runs.attempts import attempts_of, begin_attempt
from regnet_plugin.population.runs.planning import (
    name_runs,
    plan_runs,
    planned_runs,
    recipe_folder,
    unplan_runs,
)
from regnet_plugin.population.runs.recipe_file import keep_recipe
from regnet_plugin.population.runs.run import cost_of
from regnet_plugin.population.runs.standing import Watch
from regnet_plugin.population.selection import regnet_sample
from regnet_plugin.population.store import Population, PopulationError, SampledNetwork


@pytest.fixture
def runs(tmp_path):
    networks = [
        SampledNetwork(f'{number:06d}', number, regnet_sample(text))
        for number, text in enumerate(('regnetx_200mf', 'regnetx_800mf', 'regnetx_400mf'))
    ]
    return plan_runs(tmp_path, networks, (0, 1), order=0)


def test_each_network_is_planned_with_each_seed_one_network_after_the_other(runs, tmp_path):
    names = [run.name for run in runs]
    assert sorted(names) == [f'{number:06d}-{seed}' for number in range(3) for seed in (0, 1)]
    assert [run.seed for run in runs] == [0, 1] * 3
    assert [run.network for run in runs[::2]] == [run.network for run in runs[1::2]]
    assert all(run.folder.is_dir() for run in runs)
    networks = [run.network for run in runs[::2]]
    orders = {
        tuple(run.name for run in name_runs(tmp_path, networks, (0,), order)) for order in range(40)
    }
    assert len(orders) == 6  # all that there are


def counted(name, flops, activations):
    """A network with these counts."""
    sample = regnet_sample('regnetx_200mf')
    counts = replace(sample.complexity, flops=flops, activations=activations)
    return SampledNetwork(name, 0, replace(sample, complexity=counts))


@pytest.mark.parametrize('order', range(5))
def test_the_last_ones_are_the_costliest_first_and_flops_alone_do_not_say_which(tmp_path, order):
    """Moving activations takes time, too (figure 12)."""
    networks = [counted(f'{number:06d}', 400 - 10 * number, number + 1) for number in range(20)]
    *_, before, _, last, _ = name_runs(tmp_path, networks, (0, 1), order)
    flops, activations = before.network.counts['flops'], before.network.counts['activations']
    assert (flops * activations) ** 0.5 == before.cost > last.cost


def test_a_published_network_of_fewer_flops_may_cost_more():
    x, y = (
        SampledNetwork(text, 0, regnet_sample(text)) for text in ('regnetx_800mf', 'regnety_800mf')
    )
    assert y.counts['flops'] < x.counts['flops'] and cost_of(y) > cost_of(x)


def test_two_recipes_do_not_mix(tmp_path):
    keep_recipe(tmp_path / 'recipe', 'a = 1')
    keep_recipe(tmp_path / 'recipe', 'a = 1')
    keep_recipe(tmp_path / 'recipe', 'a = 2')  # there is no run yet
    (tmp_path / 'recipe/000000-0').mkdir()
    (tmp_path / 'recipe/000000-0/config.py').touch()
    with pytest.raises(PopulationError, match='another recipe.*--name'):
        keep_recipe(tmp_path / 'recipe', 'a = 3')
    assert (tmp_path / 'recipe/recipe.py').read_text() == 'a = 2'


def tried(folder, how='killed'):
    folder.mkdir(parents=True)
    (folder / 'config.py').touch()
    begin_attempt(folder, None, 'a').end(how)
    return folder


def test_a_recipe_takes_the_place_of_one_that_nothing_came_of(tmp_path):
    folder = tmp_path / 'recipe'
    assert keep_recipe(folder, 'a = 1\nb = 1') == 0
    failed, vain = tried(folder / '000000-0', 'error'), tried(folder / '000001-0')
    result(status='failed', reason='error').write(failed)
    (failed / 'epoch_1.pth').touch()
    (folder / '000002-0').mkdir()
    (folder / 'logs').mkdir()
    assert keep_recipe(folder, 'a = 1\nb = 2') == 1
    assert (folder / 'recipe.py').read_text() == 'a = 1\nb = 2'
    assert not list(failed.iterdir()) and not list(vain.iterdir())


@pytest.mark.parametrize(
    'keep',
    [
        lambda folder: result(last_error=5.0).write(tried(folder)),  # trained
        lambda folder: (tried(folder) / 'result.json').write_text('{'),  # trained, perhaps
        lambda folder: begin_attempt(tried(folder), None, 'b'),  # being trained
        lambda folder: (tried(folder, 'interrupted') / 'epoch_1.pth').touch(),  # begun
    ],
)
def test_a_recipe_that_something_came_of_stays(tmp_path, keep):
    folder = tmp_path / 'recipe'
    keep_recipe(folder, 'a = 1\nb = 1\nc = 1')
    result(status='failed', reason='error').write(tried(folder / '000000-0'))
    keep(folder / '000001-0')
    before = sorted(folder.rglob('*'))
    with pytest.raises(
        PopulationError, match="--name; the first difference: 'b = 1' there, 'b = 2 b = 3' here"
    ):
        keep_recipe(folder, 'a = 1\nb = 2\nb = 3\nc = 1')
    assert (
        sorted(folder.rglob('*')) == before
        and (folder / 'recipe.py').read_text() == 'a = 1\nb = 1\nc = 1'
    )


def test_of_equal_errors_the_first_network_is_the_best(runs):
    for run in runs:  # the first one that is trained is another
        result(network=run.network.name, seed=run.seed, last_error=9.0).write(run.folder)
    best = Watch(runs).look().best
    assert (best.network, best.seed) == ('000000', 0)


def test_a_standing_tells_the_states_apart(runs):
    done, failed, running, waiting, *_ = runs
    result(network=done.network.name, last_error=9.0, seconds=100.0).write(done.folder)
    result(network=failed.network.name, seed=1, status='failed', reason='killed').write(
        failed.folder
    )
    begin_attempt(running.folder, None, 'a')
    (running.folder / 'progress.json').write_text('{"fraction": 0.5}')
    standing = Watch(runs).look()
    assert (len(standing.done), len(standing.failed), standing.total, standing.ended) == (
        1,
        1,
        6,
        2,
    )
    assert [(run, fraction) for run, _, fraction in standing.running] == [(running, 0.5)]
    assert waiting in [run for run, _ in standing.waiting] and standing.best.last_error == 9.0
    left = 0.5 * running.cost + sum(run.cost for run in runs[3:])
    assert standing.seconds_left == pytest.approx(100 * left / done.cost)


def many_runs(folder, number):
    networks = [
        SampledNetwork(f'{name:06d}', 0, regnet_sample('regnetx_200mf')) for name in range(number)
    ]
    return plan_runs(folder, networks, [0], order=0)


def operations(watch, folder):
    with counted_operations(folder) as counts:
        watch.glance()
    return counts.total()


def test_a_glance_costs_the_same_however_many_runs_there_are(tmp_path):
    costs = []
    for number in (100, 400):
        folder = tmp_path / str(number)
        folder.mkdir()
        runs = many_runs(folder, number)
        for run in runs[: number // 2]:
            begin_attempt(run.folder, None, 'a')
            run.tell(0.5, 1)
        watch = Watch(runs)
        watch.look()
        costs.append([operations(watch, folder) for _ in range(number)])
    assert max(costs[0]) == max(costs[1]) < 40


def test_glances_see_at_last_what_a_look_sees(tmp_path):
    runs = many_runs(tmp_path, 40)
    watch = Watch(runs)
    watch.look()
    for run in runs[:10]:
        begin_attempt(run.folder, None, 'a')
    # four that are next, and two of the rest
    assert {one.run.name for one in watch.glance().running} == {run.name for run in runs[:6]}
    for _ in range(20):
        standing = watch.glance()
    assert [one.run for one in standing.running] == list(runs[:10])
    runs[3].tell(0.25, 1)
    attempts_of(runs[5].folder)[0].end('interrupted')
    for run in (runs[0], runs[30]):  # one that was begun, and one that nobody began here
        result(network=run.network.name, last_error=9.0).write(run.folder)
    for _ in range(30):
        standing = watch.glance()
    exact = Watch(runs).look()
    assert (standing.done, standing.running, standing.waiting) == (
        exact.done,
        exact.running,
        exact.waiting,
    )
    assert (len(exact.done), len(exact.running), len(exact.waiting)) == (2, 8, 30)
    assert [one.fraction for one in standing.running][2] == 0.25


def test_the_time_left_does_not_jump_while_a_worker_is_between_two_runs(runs):
    first, second, done, *_ = runs
    result(network=done.network.name, seed=done.seed, last_error=9.0, seconds=100.0).write(
        done.folder
    )
    begin_attempt(first.folder, None, 'a')
    attempt, watch = begin_attempt(second.folder, None, 'a'), Watch(runs)
    both = watch.look().seconds_left
    attempt.end('stopped')
    assert watch.look().seconds_left == pytest.approx(both)
    for _ in range(10):  # it does not come back
        alone = watch.look().seconds_left
    assert alone == pytest.approx(2 * both)


@pytest.mark.parametrize(
    'text',
    [
        '',
        '[]',
        'null',
        '{"fraction": "x"}',
        '{"fraction": 1e999}',
        '{"fraction": NaN}',
        '{}',
        '{"fraction": -0.1}',
        '{"fraction": 1.1}',
        '{"fraction": ' + '9' * 400 + '}',
        ENDLESS,
    ],
)
def test_damaged_progress_is_none(runs, text):
    (runs[0].folder / 'progress.json').write_text(text)
    assert runs[0].progress == {} and (runs[0], 0.0) in Watch(runs).look().waiting
    (runs[0].folder / 'progress.json').write_text('{"fraction": 0.5, "time": 1}')
    assert runs[0].progress == dict(fraction=0.5, time=1)


@pytest.mark.parametrize(
    'name, look',
    [('progress.json', lambda run: run.progress), ('last_checkpoint', lambda run: run.checkpoint)],
)
def test_what_a_training_notes_is_not_missing_where_it_cannot_be_read_now(
    runs, unreadable, name, look
):
    assert not look(runs[0])
    (runs[0].folder / name).write_text('{"fraction": 0.5}')
    with unreadable(runs[0].folder / name), pytest.raises(OSError, match=name):
        look(runs[0])
    assert look(runs[0])


def test_a_retried_run_keeps_its_checkpoints_only(runs):
    folder = runs[0].folder
    begin_attempt(folder, None, 'a').end('error')
    for name in ('config.py', 'epoch_1.pth', 'last_checkpoint'):
        (folder / name).touch()
    result(network=runs[0].network.name, status='failed', reason='error').write(folder)
    runs[0].forget_failure()
    assert sorted(path.name for path in folder.iterdir()) == ['epoch_1.pth', 'last_checkpoint']


def test_planned_runs_are_found_again_in_the_order_in_which_they_are_trained(runs, tmp_path):
    population = Population.create(tmp_path / 'population', {})
    list(population.append([runs[4].network, runs[0].network, runs[2].network]))
    folder = tmp_path / 'population/runs/recipe'
    keep_recipe(folder, '')
    planned = plan_runs(folder, list(population), (0, 1), population.seed)
    found = planned_runs(population)
    assert found == {folder: planned}
    for name in ('backup-2', '000001-0-1', '000000-00', '000000-x', 'regnetx_200mf-0'):
        (folder / name).mkdir()
    (folder / 'slurm-123').touch()
    (folder / '000000-5').touch()
    assert planned_runs(population) == found
    (folder / '000009-0').mkdir()
    with pytest.raises(PopulationError, match='000009-0 is a run of a network'):
        planned_runs(population)


@pytest.mark.parametrize('name', ['', '.', '..', '../esc', '/tmp', 'a/b', 'name/', 'a\0b'])
def test_a_name_is_that_of_one_folder(tmp_path, name):
    population = Population.create(tmp_path / 'population', {})
    with pytest.raises(ValueError, match='a name is that of one folder, but it is'):
        recipe_folder(population, name)


def test_what_was_planned_in_vain_goes_and_what_was_begun_stays(runs, tmp_path):
    folder = tmp_path / 'population/runs/recipe'
    keep_recipe(folder, 'a = 1')
    planned = plan_runs(folder, [runs[0].network, runs[2].network], (0,), order=0)
    (planned[0].folder / 'config.py').touch()
    unplan_runs(planned)
    assert sorted(path.name for path in folder.iterdir()) == [planned[0].name, 'recipe.py']
    (planned[0].folder / 'config.py').unlink()
    unplan_runs(planned)
    assert not list((tmp_path / 'population').iterdir())


def test_a_file_is_created_whole_or_not_at_all(tmp_path):
    assert create(tmp_path / 'file', 'one') and not create(tmp_path / 'file', 'two')
    assert (tmp_path / 'file').read_text() == 'one' and len(list(tmp_path.iterdir())) == 1
