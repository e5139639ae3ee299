"""tools/restrict_space.py: proposals, a rule of one's own, the config that samples."""

import json

import pytest
from killing import ROOT
from rated_populations import rated_population

from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.population.store import Population

STUDY = ROOT / 'docs/study'
RULE = 'width[3] >= width[2] and rising(depth)'


@pytest.fixture(scope='module')
def population(tmp_path_factory):
    return rated_population(tmp_path_factory.mktemp('trained') / 'mine', 'anynetx_a_digits', 60)


def test_proposals_of_a_table(run_tool):
    done = run_tool('restrict_space.py', STUDY / 'anynetx_c.jsonl')
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 11 and 'rising(width)' in done.stdout


def test_the_config_of_a_restricted_space_samples(population, run_tool, tmp_path):
    arguments = population, '--where', RULE, '--out', 'my_space.py'
    done = run_tool('restrict_space.py', *arguments)
    assert done.returncode == 0, done.stderr
    judged, *drawn = done.stdout.splitlines()
    assert judged.startswith('width[3] >= width[2] and rising(depth): not judged, for fewer than 5')
    assert drawn[0].startswith('drawn: depths increasing; of these networks ')
    assert drawn[1].startswith('accepted: 0.0') and drawn[2] == f'my_space.py: {RULE}'

    done = run_tool('sample_population.py', 'my_space.py', '--size', 20, '--out', 'narrow')
    assert done.returncode == 0, done.stderr
    narrow, whole = Population.open(tmp_path / 'narrow'), Population.open(population)
    assert narrow.manifest['constraints'] == whole.manifest['constraints']
    assert narrow.manifest['space'] == {**whole.manifest['space'], 'where': RULE}
    for network in narrow:
        widths, depths = (network.sample.parameters[name] for name in ('widths', 'depths'))
        assert widths[2] >= widths[1] and depths == sorted(depths)

    # the rate that was said is that of the sampler, within a fifth: it tried 200 networks
    said = float(drawn[1].split()[1])
    assert said == pytest.approx(narrow.manifest['acceptance_rate'], rel=0.8)

    again = run_tool('restrict_space.py', *arguments)
    assert again.returncode == 2
    assert 'a config must be a new file, but my_space.py is there' in again.stderr


def test_a_rule_beside_the_one_that_a_space_has(population, run_tool, tmp_path):
    manifest = json.loads((population / 'population.json').read_text())
    manifest['space']['where'] = 'depth <= 30 or depth > 40'
    copy = rated_population(tmp_path / 'copy', 'anynetx_a_digits', 60)
    (copy / 'population.json').write_text(json.dumps(manifest))
    done = run_tool('restrict_space.py', copy, '--where', 'width[4] > 24', '--out', 'both.py')
    assert done.returncode == 0, done.stderr
    space, described, _ = design_space_of(tmp_path / 'both.py')
    assert described['where'] == '(depth <= 30 or depth > 40) and width[4] > 24'


@pytest.mark.parametrize(
    'rule, message',
    [
        ('widht[1] >= 8', "'widht' is none of them; the nearest is width"),
        ('width[5] >= 8', 'stages are numbered from 1 to 4, but the expression has width[5]'),
        ('width[1] >=', "but it is 'width[1] >=': invalid syntax"),
        ('depth < 1', "'depth < 1' keeps 0 of the 60 of mine"),
        ('depth > 0', "'depth > 0' keeps 60 of the 60 of mine"),
        ('__import__("os").system("touch harm") == 0', 'an expression has names, numbers'),
    ],
)
def test_bad_rules_are_one_line(population, run_tool, tmp_path, rule, message):
    done = run_tool('restrict_space.py', population, '--where', rule, '--out', 'my_space.py')
    assert done.returncode == 2 and not done.stdout
    assert message in done.stderr and len(done.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_populations_that_judge_nothing_are_one_line(run_tool, tmp_path):
    waits = rated_population(tmp_path / 'waits', 'anynetx_a_digits', 25, waiting=25)
    (tmp_path / 'errors.csv').write_text('error\n' + '10\n11\n12\n' * 10)
    for arguments, message in {
        (waits,): 'by 20 networks with an error or more, but waits has 0',
        (waits, '--where', 'width[4] > 24'): 'or more, but waits has 0',
        ('errors.csv', '--where', 'width > 8'): 'parameters, stages or counts, but errors has',
        ('nowhere',): 'nowhere',
        (waits, '--out', 'my_space.py'): '--out writes the space that --where says',
        (waits, '--where', 'width > 8', '--out', 'my_space'): 'a file whose name ends in .py',
        ('errors.csv', '--where', 'width > 8', '--out', 'it.py'): 'but errors.csv is a file',
    }.items():
        done = run_tool('restrict_space.py', *arguments)
        assert done.returncode == 2 and message in done.stderr, done.stderr
        assert 'Traceback' not in done.stderr


def test_a_population_of_another_family_imports_nothing(run_tool, tmp_path):
    folder = rated_population(tmp_path / 'theirs', 'anynetx_a_digits', 40)
    manifest = json.loads((folder / 'population.json').read_text())
    (tmp_path / 'harm.py').write_text(f'open({str(tmp_path / "trace")!r}, "w").close()\n')
    for kind in ('harm.Space', 'regnet_plugin.Other', 'os.system', 7, None):
        manifest['space']['type'], manifest['custom_imports'] = kind, ['harm']
        (folder / 'population.json').write_text(json.dumps(manifest))
        done = run_tool('restrict_space.py', folder, '--where', 'depth <= 12', '--out', 'my.py')
        assert done.returncode == 2, done.stderr
        assert "in that of another one it is design_space = dict(where='…')" in done.stderr
        assert not (tmp_path / 'trace').exists() and not (tmp_path / 'my.py').exists()
