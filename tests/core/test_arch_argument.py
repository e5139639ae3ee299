import pytest

from regnet_plugin.core.arch_argument import architecture_of
from regnet_plugin.core.published import PUBLISHED, parameters

OURS = dict(depth=20, w_0=32, w_a=8, w_m=2, group_width=16, bottleneck_ratio=2)


def test_there_are_26_published_networks():
    assert len(PUBLISHED) == 26


def test_names_and_parameters_mean_the_same():
    assert architecture_of('regnety_4.0gf') == architecture_of(parameters('regnety_4.0gf'))


def test_openmmlab_spelling_is_understood_and_bot_mul_inverted():
    theirs = dict(depth=20, w0=32, wa=8, wm=2, group_w=16, bot_mul=0.5)
    assert architecture_of(theirs) == architecture_of(OURS)
    assert architecture_of(theirs).bottleneck_ratios == (2,) * 4
    assert architecture_of(dict(theirs, bot_mul=4.0)).bottleneck_ratios == (0.25,) * 4


@pytest.mark.parametrize(
    'arch, message',
    [
        (
            'regnetx_3gf',
            "there is no published RegNet called 'regnetx_3gf'; the published ones are "
            'regnetx_200mf, ',
        ),
        (3, 'arch must be a published name'),
        (dict(OURS, wo=32), 'unknown: wo; missing: none'),
        (dict(depth=20), 'unknown: none; missing: w_0, w_a, w_m'),
        (dict(OURS, w0=32), 'w0=32 and w_0=32 are the same one'),
        (dict(OURS, bot_mul=0), 'bot_mul=0 and bottleneck_ratio=2 are the same one'),
        (
            dict(depth=20, w0=32, wa=8, wm=2, group_w=16, bot_mul=0),
            'bot_mul must be a positive number, but bot_mul=0',
        ),
    ],
)
def test_bad_arch(arch, message):
    with pytest.raises(ValueError) as error:
        architecture_of(arch)
    assert message in str(error.value)
