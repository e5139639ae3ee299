"""The device models of the package: fitted again to the published times, as good as is said."""

import numpy as np
import pytest
from killing import ROOT

from regnet_plugin.core.complexity import structure_of
from regnet_plugin.device.fitting import fit_device_model
from regnet_plugin.device.packaged import PACKAGED, device_model
from regnet_plugin.device.published_times import packaged_times

# Median errors that the models are to keep, each network predicted from the others.
GOALS = {'rtx4090': 0.04, 'rtx3090': 0.04, 'i7-12700h': 0.06, 'v100': 0.06, 'v100-training': 0.06}


@pytest.mark.parametrize('name', PACKAGED)
def test_fitted_again(name):
    """Where counts or tables changed, `published_times.write_packaged` writes the models."""
    times, kept = packaged_times(name), device_model(name)
    fitted, predicted = fit_device_model(times)
    assert fitted.error.median <= GOALS[name]
    assert fitted.error.rank_correlation > 0.99
    assert kept.is_good_enough and kept.source == times.source
    assert kept.error.median == pytest.approx(fitted.error.median, rel=0.01)
    errors = np.abs(predicted / times.seconds - 1)
    assert np.median(errors) == pytest.approx(fitted.error.median)
    for network in times.networks:
        ours = kept.predict_one(network.architecture)
        assert ours == pytest.approx(fitted.predict_one(network.architecture), rel=1e-3)
        assert ours == pytest.approx(network.seconds, rel=0.35)
        assert kept.holds(**structure_of(network.architecture)).all()


def test_times_are_those_that_are_published():
    """A row each, typed from the tables: timm's results, and figure 15 of the paper."""
    for name, network, seconds in (
        ('rtx4090', 'regnetx_400mf', 1024 / 18382.83),
        ('rtx3090', 'regnety_128gf', 1024 / 181.49),
        ('i7-12700h', 'regnetx_1.6gf', 1 / 63.8),
        ('v100', 'regnetx_3.2gf', 0.057),
        # 14.3 hours of 100 epochs of 1,281,167 images on 8 GPUs, in steps of 64 images each
        ('v100-training', 'regnetx_3.2gf', 14.3 * 3600 * 8 * 64 / 128_116_700),
    ):
        (found,) = [one for one in packaged_times(name).networks if one.name == network]
        assert found.seconds == pytest.approx(seconds, rel=1e-9)
    assert [len(packaged_times(name).networks) for name in PACKAGED] == [26, 26, 26, 24, 24]
    assert [device_model(name).batch for name in PACKAGED] == [1024, 1024, 1, 64, 64]


def test_the_guide_says_how_good_they_are():
    page = (ROOT / 'docs/how_to/devices.md').read_text()
    for name in PACKAGED:
        error = device_model(name).error
        (row,) = [line for line in page.splitlines() if line.startswith(f'| `{name}` |')]
        assert (
            f'| {error.networks} | {error.median:.1%} | {error.mean:.1%} | '
            f'{error.rank_correlation:.3f} |' in row
        )


def test_unknown_device():
    with pytest.raises(ValueError, match='a device must be one of rtx4090, .* there is no nothing'):
        device_model('nothing')
