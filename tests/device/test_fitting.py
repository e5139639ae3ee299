import numpy as np
import pytest

from regnet_plugin.core.arch_argument import architecture_of
from regnet_plugin.core.complexity import complexity, structure_of
from regnet_plugin.core.layers.layer_counts import LAYER_COUNTS, layer_counts
from regnet_plugin.core.published import PUBLISHED
from regnet_plugin.device.device_model import read_device_model
from regnet_plugin.device.fitting import fit_device_model
from regnet_plugin.device.measured_times import MeasuredNetwork, MeasuredTimes

NAMES = list(PUBLISHED)


def times_of(seconds, names=NAMES):
    networks = [
        MeasuredNetwork(name, architecture_of(name), 224, 1000, value)
        for name, value in zip(names, seconds)
    ]
    return MeasuredTimes(networks, 'made up', 'a law', 'inference', 1, dict(threads=1))


def law(name):
    """What a made-up device takes: 1 ms for a GF, 2 ns for an output, 10 us for a conv."""
    names = ('flops', 'activations', 'convs')
    return float(
        layer_counts(names, **structure_of(architecture_of(name)))[0] @ [1e-12, 2e-9, 1e-5]
    )


def test_a_law_is_found():
    model, predicted = fit_device_model(times_of(map(law, NAMES)))
    assert predicted == pytest.approx([law(name) for name in NAMES], rel=1e-3)
    assert model.error.median < 1e-3 and model.error.rank_correlation == pytest.approx(1)
    flops = [layer_counts(('flops',), **structure_of(architecture_of(name))) for name in NAMES]
    assert model.ranges['flops'] == (np.min(flops), np.max(flops))
    assert model.predict_one(architecture_of('regnetx_1.6gf')) == pytest.approx(
        law('regnetx_1.6gf'), rel=1e-3
    )


def test_noise_is_no_model():
    """Times that have nothing to do with the networks: said, and no good to constrain with."""
    seconds = np.random.default_rng(0).permutation([law(name) for name in NAMES])
    model, _ = fit_device_model(times_of(seconds))
    assert model.error.median > 0.3 and not model.is_good_enough
    assert 'median error must be at most 10%' in model.why_not


def test_the_error_is_of_networks_that_were_not_seen():
    """One network that is out of line changes the prediction of the others only."""
    seconds = np.array([law(name) for name in NAMES])
    odd = seconds.copy()
    odd[3] *= 10
    _, predicted = fit_device_model(times_of(odd))
    assert predicted[3] == pytest.approx(seconds[3], rel=1e-3)


def test_too_few():
    with pytest.raises(ValueError, match='at least 8 networks, but there are 7'):
        fit_device_model(times_of([1.0] * 7, NAMES[:7]))
    with pytest.raises(ValueError, match='a time must be above 0, but that of regnetx_200mf is 0'):
        times_of([0.0])


def test_counts_of_layers():
    architecture = architecture_of('regnety_400mf')
    counts = dict(zip(LAYER_COUNTS, layer_counts(**structure_of(architecture))[0]))
    exact = complexity(architecture)
    depth, projections = architecture.depth, 4
    assert counts['convs'] == 1 + 5 * depth + projections
    assert counts['squeezes'] == depth
    assert counts['activations'] == exact.activations
    assert counts['outputs_1x1'] + counts['outputs_3x3'] == exact.activations
    assert counts['flops_1x1'] + counts['flops_3x3'] == counts['flops']
    assert counts['flops'] == pytest.approx(exact.flops, rel=1e-3)  # but for biases
    assert counts['parameters'] == pytest.approx(exact.parameters, rel=0.02)  # and normalization
    grouped = sum(
        stage.depth * stage.width * (112 // 2**number) ** 2
        for number, stage in enumerate(architecture.stages, 1)
    )
    assert counts['outputs_groups_8'] == grouped  # all groups have 8 channels
    assert counts['outputs_groups_4'] == counts['outputs_groups_16'] == 0
    maps = {side: counts[f'outputs_below_{side}'] for side in (10, 20, 40)}
    # of the last stage all is on maps of 7, but for the first block's 1x1 conv on 14
    last = architecture.stages[-1]
    assert maps[10] == 49 * 3 * last.depth * last.width
    assert sum(maps.values()) < exact.activations
    assert counts['padded_flops_1x1'] > counts['flops_1x1']  # 104, 208 and 440 channels
    assert counts['strided_inputs_3x3'] == 3 * 224**2 + sum(
        stage.width * (112 // 2**number) ** 2 for number, stage in enumerate(architecture.stages)
    )
    assert counts['groups'] == sum(stage.depth * stage.width // 8 for stage in architecture.stages)


def test_files(tmp_path):
    model, _ = fit_device_model(times_of(map(law, NAMES)))
    path = tmp_path / 'model.json'
    model.write(path)
    assert read_device_model(path) == model
    text = path.read_text()
    for broken, message in (
        (text.replace('"flops"', '"flips"', 1), 'seconds must be numbers from 0 by counts'),
        (text.replace('inference', 'thinking'), 'step must be one of inference, training'),
        (text.replace('"batch": 1', '"batch": 0'), 'batch must be a positive whole number'),
        (text.replace('"format": 1', '"format": 9'), 'a device model is an object of format 1'),
        (text.replace('"median"', '"middle"'), 'a device model has entries of other kinds'),
        ('[]', 'it must be an object'),
    ):
        path.write_text(broken)
        with pytest.raises(ValueError, match=f'model.json: {message}'):
            read_device_model(path)
