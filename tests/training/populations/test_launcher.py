"""What `train_population` asks of a launcher: any object with its three methods will do."""

import pytest

from regnet_plugin.cli.errors import UserError
from regnet_plugin.population.runs.planning import Work, plan_runs
from regnet_plugin.population.runs.results import Result
from regnet_plugin.population.selection import regnet_sample
from regnet_plugin.population.store import SampledNetwork
from regnet_plugin.training.populations.supervision import train_population


class OneRunAtATime:
    """Lets go after each run, as a launcher whose machine goes down."""

    def __init__(self):
        self.calls = []

    def start(self, work):
        self.calls.append('start')
        run = next(run for run in work.runs if not run.ended)
        Result(network=run.network.name, seed=run.seed, recipe='recipe', status='done').write(
            run.folder
        )

    def alive(self):
        self.calls.append('alive')
        return False

    def stop(self):
        self.calls.append('stop')


class WithoutACluster(OneRunAtATime):
    def start(self, work):
        self.calls.append('start')
        raise UserError('there is no cluster')


@pytest.fixture
def work(tmp_path):
    folder = tmp_path / 'runs/recipe'
    folder.mkdir(parents=True)
    network = SampledNetwork('000000', 0, regnet_sample('regnetx_200mf'))
    return Work(plan_runs(folder, [network], (0, 1), order=0))


def test_it_is_started_again_while_runs_are_left_and_stopped_in_the_end(work):
    launcher, shown = OneRunAtATime(), []
    standing = train_population(work, launcher, shown.append)
    assert len(standing.done) == 2 and [each.ended for each in shown] == [1, 2]
    assert launcher.calls == 2 * ['start', 'alive', 'stop'] + ['stop']


def test_it_is_stopped_too_where_it_cannot_start(work):
    launcher = WithoutACluster()
    with pytest.raises(UserError, match='there is no cluster'):
        train_population(work, launcher, lambda standing: None)
    assert launcher.calls == ['start', 'stop']
