"""Networks of the same draw in two spaces: sampled as such, and recognised afterwards."""

import json
from itertools import islice

import pytest
from killing import ROOT

from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.design_spaces.sampler import NoSuchNetworks, Sampler
from regnet_plugin.population.making.sampling import sample_population
from regnet_plugin.population.making.twins import (
    are_twins_of,
    flops_of,
    origin_of_twins,
    share_draws,
)
from regnet_plugin.population.readers import read_records
from regnet_plugin.population.store import Population, PopulationError

SPACES = ROOT / 'configs/design_spaces'
FLOPS = (360e6, 362e6)  # narrow, so that SE takes some networks out of it
FIRST = 30


def sampled(directory, space='regnetx.py', size=FIRST, seed=3, flops=FLOPS, **given):
    space, described, constraints = design_space_of(SPACES / space, None, dict(flops=flops))
    return sample_population(
        space, described, constraints, size=size, seed=seed, directory=directory, **given
    )


def twins(directory, of, space='regnety.py', flops=FLOPS, seed=None, **given):
    built, _, constraints = design_space_of(SPACES / space, None, dict(flops=flops))
    origin = origin_of_twins(of, built, constraints, seed)
    return sampled(
        directory,
        space,
        given.pop('size', len(origin.draws)),
        origin.stream.seed,
        flops,
        twins_of=origin,
        **given,
    )


@pytest.fixture(scope='module')
def first(tmp_path_factory):
    return sampled(tmp_path_factory.mktemp('twins') / 'first').directory


def draws_of(population):
    return [network.draw for network in population]


def test_twins_are_what_both_spaces_accept(first, tmp_path):
    """They are of the other space's own population of the seed, and of the first one's draws."""
    population = twins(tmp_path / 'b', first)
    whole = {
        network.draw: network.sample for network in sampled(tmp_path / 'whole', 'regnety.py', 60)
    }
    own = draws_of(Population.open(first))
    assert max(whole) > max(own)  # so it has all that there are
    assert draws_of(population) == sorted(set(own) & set(whole))
    assert 5 < len(draws_of(population)) < FIRST
    nominal = {network.draw: network.sample.parameters for network in Population.open(first)}
    for number, network in enumerate(population):
        assert network.name == f'{number:06d}' and network.sample == whole[network.draw]
        assert network.sample.parameters == nominal[network.draw]
        assert network.sample.architecture.block == 'Y'


def test_the_folder_says_whose_twins_they_are_and_that_their_law_is_another(first, tmp_path):
    manifest = twins(tmp_path / 'b', first).manifest
    assert manifest['twins_of']['name'] == 'first'
    assert manifest['space'] == {**manifest['twins_of']['space'], 'block': 'Y'}
    assert 'no random part of this space' in manifest['twins_of']['law']
    assert manifest['attempts'] == max(draws_of(Population.open(first))) + 1
    assert manifest['complete'] and manifest['size'] == len(
        draws_of(Population.open(tmp_path / 'b'))
    )
    (records,) = read_records(tmp_path / 'b')
    assert are_twins_of(records) == 'first'
    (records,) = read_records(first)
    assert are_twins_of(records) is None


@pytest.mark.parametrize('processes', [1, 2])
def test_an_interrupted_sampling_goes_on(first, tmp_path, processes):
    whole = twins(tmp_path / 'whole', first).path.read_bytes()
    cut = twins(tmp_path / 'cut', first)
    cut.path.write_bytes(whole[: len(whole) // 2])
    assert (
        twins(tmp_path / 'cut', first, mode='resume', processes=processes).path.read_bytes()
        == whole
    )
    twins(tmp_path / 'few', first, size=3)
    assert len(draws_of(Population.open(tmp_path / 'few'))) == 3
    with pytest.raises(PopulationError, match='holds another population: its twins_of is None'):
        sampled(tmp_path / 'ordinary', 'regnety.py', 5)
        twins(tmp_path / 'ordinary', first, mode='resume')


def test_populations_of_one_seed_are_recognised_as_twins(first, tmp_path):
    (one,) = read_records(first)
    (other,) = read_records(sampled(tmp_path / 'b', 'regnety.py', 5).directory)
    assert share_draws(one, other)
    for space, seed in (('regnety.py', 4), ('regnetr.py', 3), ('anynetx_a.py', 3)):
        (other,) = read_records(sampled(tmp_path / f'{space}{seed}', space, 5, seed).directory)
        assert not share_draws(one, other)


def test_older_folders_are_known_by_their_degrees_of_freedom(first, tmp_path):
    """Version 0.1 noted seed and candidates, but not what the numbers of a candidate are for."""
    (one,) = read_records(first)
    for space, same in (('regnety.py', True), ('regnetr.py', False)):
        path = sampled(tmp_path / space, space, 5).directory / 'population.json'
        manifest = json.loads(path.read_text())
        del manifest['uniforms']
        path.write_text(json.dumps(manifest))
        (other,) = read_records(path.parent)
        assert share_draws(one, other) is same and share_draws(other, one) is same


def test_tables_of_the_study_are_recognised():
    (one,) = read_records(ROOT / 'docs/study/regnetx.jsonl')
    (other,) = read_records(ROOT / 'docs/study/twins/regnety.jsonl')
    (another,) = read_records(ROOT / 'docs/study/regnety.jsonl')
    assert share_draws(one, other) and not share_draws(one, another)


def test_draws_of_the_study_are_those_of_its_seeds():
    """The tables were written before they had draws, so these are of the networks drawn again."""
    space, _, constraints = design_space_of(
        ROOT / 'configs/study/regnetx.py', None, dict(flops=(0.9e6, 1e6))
    )
    drawn = list(islice(Sampler(space, constraints, 5), 100))
    (records,) = read_records(ROOT / 'docs/study/regnetx.jsonl')
    assert records.columns['draw'].tolist() == [draw for draw, _ in drawn]
    assert [backbone['widths'] for backbone in records.backbones] == [
        list(sample.architecture.widths) for _, sample in drawn
    ]


def test_the_interval_of_flops_is_that_of_the_first(first):
    assert flops_of(first) == list(FLOPS)


@pytest.mark.parametrize(
    'given, message',
    [
        (dict(seed=4), 'twins are of one seed, but that of .*first is 3, and not 4'),
        (
            dict(flops=(200e6, 362e6)),
            r'of flops, but that of .* is \[360000000.0, 362000000.0\], and not \[2000',
        ),
        (
            dict(space='regnetr.py'),
            'spaces that draw the same parameters, but .* draws depth, w_0, .*, and not depth, w_0',
        ),
    ],
)
def test_what_makes_no_twins_is_refused_before_anything_is_written(first, tmp_path, given, message):
    with pytest.raises(ValueError, match=message):
        twins(tmp_path / 'b', first, **given)
    assert not (tmp_path / 'b').exists()


def test_a_population_without_candidates_has_no_twins(first, tmp_path):
    without = sampled(tmp_path / 'a')
    lines = [json.loads(line) for line in without.path.read_text().splitlines()]
    without.path.write_text(''.join(json.dumps(dict(line, draw=0)) + '\n' for line in lines))
    with pytest.raises(
        PopulationError, match='with a seed and numbered candidates, but .*a has none'
    ):
        twins(tmp_path / 'b', without.directory)
    with pytest.raises(
        PopulationError, match='of all that its space accepts, but .* has those of fi'
    ):
        twins(tmp_path / 'c', twins(tmp_path / 'b', first).directory)


def test_no_twins_at_all(first, tmp_path):
    with pytest.raises(
        NoSuchNetworks, match='of the draws of the other one this space accepts none'
    ):
        twins(tmp_path / 'b', first, 'regnetx_constrained.py')
