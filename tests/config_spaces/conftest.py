"""A population over a config, trained once as the guide says, for the modules of this folder."""

import pytest
import tool_process
from documented import PAGES, commands
from killing import ROOT
from short_trainings import SHORT, succeeded


@pytest.fixture(scope='package')
def folder(tmp_path_factory):
    """A folder in which the guide's commands find the configs."""
    path = tmp_path_factory.mktemp('over_configs')
    (path / 'configs').symlink_to(ROOT / 'configs')
    return path


@pytest.fixture(scope='package')
def tool(folder):
    def run(name, *args):
        words = list(map(str, args))
        return tool_process.run(ROOT / 'tools' / name, words, folder, timeout=600)

    return run


@pytest.fixture(scope='package')
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
