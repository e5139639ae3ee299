"""The config of a restricted space: what is written is what is read, and what is said of it."""

import pytest
from spaces import CONFIGS, networks_of

from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.design_spaces.constraints import Constraints
from regnet_plugin.design_spaces.restricted_config import RestrictedSpace, write_restricted_config
from regnet_plugin.design_spaces.sampler import NoSuchNetworks, draw_block


def manifest_of(name, **constraints):
    _, described, _ = design_space_of(CONFIGS[name])
    return dict(space=described, constraints=constraints)


@pytest.mark.parametrize('name', sorted(CONFIGS))
def test_every_space_can_be_restricted(name, tmp_path):
    """The config gives the networks that the restricted space gives."""
    where = 'depth[1] <= depth[2] and flops > 0'
    restricted = RestrictedSpace.of(manifest_of(name), where)
    (tmp_path / 'it.py').write_text(restricted.config)
    space, described, constraints = design_space_of(tmp_path / 'it.py')
    assert described['where'].endswith('depth[1] <= depth[2] and flops > 0')
    assert constraints == Constraints()
    samples = networks_of(space, 10)
    assert samples == networks_of(restricted.space, 10)
    for sample in samples:
        assert sample.architecture.depths[0] <= sample.architecture.depths[1]


def test_constraints_stay_and_rates_are_those_of_the_candidates(tmp_path):
    interval = [360e6, 400e6]
    manifest = manifest_of('anynetx_c', flops=interval)
    where = 'rising(width) and group_width >= 8'
    lines = write_restricted_config(manifest, where, tmp_path / 'it.py')
    space, _, constraints = design_space_of(tmp_path / 'it.py')
    assert constraints == Constraints(flops=interval)
    # b = 1, 2 or 4 and g = 1 to 32 are equally likely: half of the networks have g >= 8
    assert lines[0].startswith('drawn: widths increasing; of these networks 5')
    blocks = [draw_block(space, constraints, 3, number) for number in range(20)]
    rate = sum(len(part.networks) for block in blocks for part in block.accepted) / 20 / 8192
    assert float(lines[1].split()[1]) == pytest.approx(rate, rel=0.3)


def test_a_rule_that_leaves_nothing_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr('regnet_plugin.design_spaces.restricted_config._MOST_BLOCKS', 2)
    monkeypatch.setattr('regnet_plugin.design_spaces.restricted_config.PATIENCE', 20_000)
    with pytest.raises(NoSuchNetworks, match="0 of these kept 'width < 8'"):
        write_restricted_config(manifest_of('anynetx_c'), 'width < 8', tmp_path / 'it.py')
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    'change, message',
    [
        (dict(space=7), "in that of another one it is design_space = dict"),
        (dict(space=dict(type='os.system')), 'in that of another one'),
        (dict(space=dict(type='regnet_plugin.AnyNetSpace', colour='red')), 'one that there is: .*'),
        (dict(constraints=dict(colour='red')), 'one that there is: .*colour'),
        (dict(constraints=dict(flops=7)), 'flops must be a pair'),
    ],
)  # fmt: skip
def test_manifests_that_somebody_wrote(change, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        write_restricted_config(
            {**manifest_of('anynetx_c'), **change}, 'depth < 9', tmp_path / 'it.py'
        )
    assert not list(tmp_path.iterdir())


def test_text_of_others_is_a_literal(tmp_path):
    """What a manifest holds cannot become code of the config."""
    manifest = manifest_of('regnetx')
    manifest['space']['activation'] = '\'"""; raise SystemExit(7)  # {{ fileDirname }}'
    restricted = RestrictedSpace.of(manifest, 'depth < 20')
    scope = {}
    exec(restricted.config, scope)
    assert scope['design_space'] == restricted.described
