"""What a person is shown of a population, on a terminal of 80 columns and without one."""

import json
import os

import pytest
from killing import ROOT
from rich.console import Console

from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.population.making.sampling import sample_population
from regnet_plugin.population.runs import attempts
from regnet_plugin.population.runs.attempts import begin_attempt
from regnet_plugin.population.runs.planning import plan_runs, planned_runs, recipe_folder
from regnet_plugin.population.runs.recipe_file import keep_recipe
from regnet_plugin.population.runs.results import Result
from regnet_plugin.population.runs.standing import Watch
from regnet_plugin.training.populations.display import print_status, watch_status
from regnet_plugin.training.populations.standing_picture import standing_line, standing_table

RECIPE = 'a_recipe_with_a_name_of_about_fifty_characters_1234'
MESSAGE = (
    'a reason that takes more than one line of eighty columns, because it says all that there is '
    'to be said'
)


@pytest.fixture
def population(tmp_path):
    space, described, constraints = design_space_of(
        ROOT / 'configs/design_spaces/regnetx_digits.py'
    )
    return sample_population(
        space, described, constraints, size=8, seed=0, directory=tmp_path / 'population'
    )


@pytest.fixture
def runs(population):
    """Of networks 0 to 5: two done, two failed, one interrupted, one not started."""
    folder = recipe_folder(population, RECIPE)
    keep_recipe(folder, 'a = 1')
    runs = sorted(plan_runs(folder, list(population)[:6], (0,), order=0), key=lambda run: run.name)
    for run, values in zip(
        runs,
        [dict(status='done', last_error=4.0, seconds=10.0)] * 2
        + [dict(status='failed', reason='error', message=MESSAGE)] * 2,
    ):
        finish(run, **values)
    begin_attempt(runs[4].folder, None, 'a').end('interrupted')
    (runs[4].folder / 'progress.json').write_text('{"fraction": 0.5}')
    return runs


def finish(run, **values):
    Result(network=run.network.name, seed=run.seed, recipe=RECIPE, **values).write(run.folder)


def shown(picture):
    console = Console(width=80, record=True, file=open('/dev/null', 'w'))
    console.print(picture)
    return console.export_text()


def test_a_summary_names_the_states(runs):
    standing = Watch(tuple(runs)).look()
    assert standing_line(standing) == (
        '4 of 6 ended, 0 running, 2 failed, 1 interrupted, 1 not started, best error 4.00% '
        '(000000-0)'
    )
    begin_attempt(runs[5].folder, None, 'a')
    while_running = standing_line(Watch(tuple(runs)).look())
    assert '1 running' in while_running and 'networks/h, ETA ' in while_running


def test_runs_are_counted_where_there_are_several_seeds(runs, population):
    more = plan_runs(runs[0].folder.parent, [runs[0].network], (1,), order=0)
    begin_attempt(more[0].folder, None, 'a')
    assert ' runs/h' in standing_line(Watch((*runs, *more)).look())


def test_at_80_columns_the_recipe_is_whole_and_reasons_are_wrapped(runs):
    text = shown(standing_table(str(runs[0].folder.parent), Watch(tuple(runs)).look()))
    assert text.splitlines()[0].startswith(f'{RECIPE}  ') and '' not in [
        line.strip() for line in text.splitlines()
    ]
    assert f'000002-0, 000003-0 failed, error: {MESSAGE}' in ' '.join(
        line.strip() for line in text.splitlines()
    )


def test_of_many_causes_the_last_ones_are_shown(population):
    folder = recipe_folder(population, RECIPE)
    folder.mkdir(parents=True)
    runs = plan_runs(folder, list(population), (0,), order=0)
    for number, run in enumerate(runs):
        finish(run, status='failed', reason='error', message=f'cause {max(0, number - 4)}')
    standing = Watch(runs).look()
    last = ' '.join(shown(standing_table(str(folder), standing)).split())
    assert 'cause 0' not in last and 'cause 3' in last and last.endswith('5 more failed')
    everything = ' '.join(shown(standing_table(str(folder), standing, causes=None)).split())
    assert (
        'and 1 more failed, error: cause 0' in everything
        and 'more failed, error: cause 3' not in everything
    )


def test_a_status_tells_how_many_of_the_networks_are_to_be_trained(runs, population, capsys):
    print_status(planned_runs(population), 8)
    *_, last = capsys.readouterr().out.splitlines()
    assert last == '6 of the 8 networks that were sampled are to be trained'


def test_watching_without_a_terminal_is_lines_and_ends_when_nobody_trains(runs, population, capsys):
    watch_status(planned_runs(population), patience=0.1)
    first, last = capsys.readouterr().out.splitlines()
    assert (
        first.startswith(f'{RECIPE}: 4 of 6 ended, 0 running') and 'nobody trained here for' in last
    )
    assert '2 runs left' in last


def test_watching_ends_when_all_ended(runs, population, capsys):
    for run in runs[4:]:
        finish(run, status='done', last_error=1.0, seconds=1.0)
    watch_status(planned_runs(population))
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f'{RECIPE}: 6 of 6 ended') and '/h' not in line


def test_the_status_command(runs, population, run_tool):
    folder = population.directory
    done = run_tool('population_status.py', folder, '--recipe', RECIPE)
    assert done.returncode == 0 and RECIPE in done.stdout and 'not started' in done.stdout
    for place, flags, message in (
        (folder / 'runs', [], f'is in the population {folder}: give that'),
        (folder.parent, [], f'is no population, but it has some: {folder}'),
        (folder, ['--recipe', 'other'], f'({RECIPE}), but it is other'),
    ):
        done = run_tool('population_status.py', place, *flags)
        assert done.returncode == 2 and message in done.stderr.splitlines()[-1], done.stderr


def test_of_an_attempt_elsewhere_it_is_said_whether_it_was_seen_to_live(
    runs, population, monkeypatch
):
    seconds = [1000.0]
    monkeypatch.setattr(attempts.time, 'monotonic', lambda: seconds[0])
    attempt = begin_attempt(runs[5].folder, None, 'a')
    attempt.path.write_text(
        json.dumps({**attempt.values, 'machine': 'another', 'host': 'far\x1b[31m'})
    )
    os.utime(attempt.path, (2**33, 2**33))
    watch = Watch(tuple(runs))

    def told():
        standing = watch.look()
        return len(standing.running), shown(standing_table(str(runs[0].folder.parent), standing))

    count, text = told()
    assert count == 1 and 'far\\x1b[31m' in text and 'no sign of life yet' in ' '.join(text.split())
    os.utime(attempt.path, (2**32, 2**32))
    assert told()[0] == 1 and 'no sign of life' not in told()[1]
    seconds[0] += attempts.STALE + 1
    assert told()[0] == 0
