"""Every network of a population scaled: one by one, exactly, in the order that they have."""

import pytest

from regnet_plugin.core.complexity import complexity
from regnet_plugin.core.compound_scaling import ScalingType, scaled
from regnet_plugin.design_spaces.sample import Sample
from regnet_plugin.population.making.scaling import Amount, scale_population
from regnet_plugin.population.selection import regnet_sample
from regnet_plugin.population.store import Population, PopulationError, SampledNetwork
from regnet_plugin.training.populations.experiment import experiment


@pytest.fixture
def population(tmp_path):
    """Three networks for the digits."""
    made = Population.create(tmp_path / 'small', dict(format=1, seed=3))
    samples = [
        regnet_sample(f'depth={depth},w_0=24,w_a=24,w_m=2,group_width=8', 32, 10)
        for depth in (5, 7, 9)
    ]
    networks = [
        SampledNetwork(f'{number:06}', 7 + number, sample) for number, sample in enumerate(samples)
    ]
    list(made.append(networks))
    return made


@pytest.mark.parametrize('kind', ['dwr', 'd1_w8_g8_r1', 'r'])
def test_each_network_is_scaled_as_it_would_be_alone(population, tmp_path, kind):
    made, left_out = scale_population(population, tmp_path / 'large', kind, Amount(factor=4))
    assert not left_out and made.seed == population.seed
    for before, after in zip(population, Population.open(made.directory), strict=True):
        expected = scaled(before.sample.architecture, ScalingType.from_text(kind), 4, 32, 10)
        assert (after.name, after.draw) == (before.name, before.draw)
        assert after.sample.architecture == expected.network
        assert after.sample.resolution == expected.resolution
        assert after.sample.complexity == complexity(expected.network, expected.resolution, 10)
        assert Sample.from_dict(after.sample.to_dict()) == after.sample
    config = experiment(after.sample, 'configs/regnetx_6.5mf_digits.py', seed=0)
    assert config.train_dataloader.dataset.image_size == after.sample.resolution
    assert made.manifest['scaled'] == dict(of='small', type=kind, factor=4, flops=None)


def test_to_flops_and_what_cannot_reach_them_is_told(population, tmp_path):
    made, left_out = scale_population(population, tmp_path / 'met', 'dWr', Amount(flops=8e6))
    for network in made:
        assert network.sample.complexity.flops == pytest.approx(8e6, rel=0.1)
    assert len(list(made)) + len(left_out) == 3
    assert all('scaling must reach the flops wanted' in why for why in left_out.values())


def test_mistakes(population, tmp_path):
    for kind, amount, message in (
        ('x', Amount(factor=2), 'a type of scaling must be'),
        ('d', Amount(factor=0), 'a factor must be a positive number'),
        ('d', Amount(flops=0), 'some network must be scaled, but of .* flops must be positive'),
    ):
        with pytest.raises(ValueError, match=message):
            scale_population(population, tmp_path / 'no', kind, amount)
        assert not (tmp_path / 'no').exists()
    with pytest.raises(PopulationError, match='there is a population in'):
        scale_population(population, population.directory, 'd', Amount(factor=2))


def test_the_tool_takes_a_population(population, tmp_path, run_tool):
    out = tmp_path / 'by tool'
    done = run_tool(
        'scale_network.py', population.directory, '--type', 'dw', '--factor', '2', '--out', out
    )
    assert done.returncode == 0, done.stderr
    assert f'{out}: 3 networks' in done.stdout
    assert len(list(Population.open(out))) == 3
