"""Some of the weights of a file, asked for by name; and what is said of the others."""

import pytest
import torch
from torch.nn.utils import prune

from regnet_plugin.models import AnyNet
from regnet_plugin.weights import pretrained

NETWORK = dict(
    depths=[1, 2, 1], widths=[16, 32, 64], group_widths=[8] * 3, bottleneck_ratios=[1] * 3
)


def network(**options):
    return AnyNet(**{**NETWORK, **options})


def initialized(source, tmp_path, partial, prefix=None, **options):
    """A network that begins with some of the weights of another one."""
    weights = source.state_dict() if isinstance(source, torch.nn.Module) else source
    torch.save(dict(state_dict=weights), tmp_path / 'net.pth')
    init_cfg = dict(
        type='Pretrained', checkpoint=str(tmp_path / 'net.pth'), partial=partial, prefix=prefix
    )
    backbone = network(init_cfg=init_cfg, **options)
    before = {name: value.clone() for name, value in backbone.state_dict().items()}
    backbone.init_weights()
    return backbone, before


def loaded(backbone, weights):
    """The parts of which a tensor is that of the weights."""
    return {
        name.split('.')[0]
        for name, value in backbone.state_dict().items()
        if 'conv' in name and name in weights and torch.equal(value, weights[name])
    }


def test_parts_by_name_are_loaded_and_the_others_stay(tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr(pretrained, 'print_log', lambda text, *_: told.append(text))
    source = network()
    backbone, before = initialized(source, tmp_path, ['layer1', 'layer2.1'])
    weights = source.state_dict()
    for name, value in backbone.state_dict().items():
        chosen = name.startswith(('layer1.', 'layer2.1.'))
        assert torch.equal(value, weights[name] if chosen else before[name]), name
    said = ''.join(told)
    total, in_file = len(before), len(weights)
    count = sum(name.startswith(('layer1.', 'layer2.1.')) for name in before)
    assert f'{count} of {total} tensors are loaded (layer1: ' in said
    assert f'{total - count} stay as they were (conv1: 1, bn1: 5, layer2: ' in said
    assert f'{in_file - count} of the file are left over (' in said


def test_other_stages_and_blocks(tmp_path):
    source = network(depths=[1, 4, 1, 1], widths=[16, 32, 64, 96], group_widths=[8] * 4,
                     bottleneck_ratios=[1] * 4)  # fmt: skip
    backbone, _ = initialized(source, tmp_path, ['conv1', 'bn1', 'layer1', 'layer2', 'layer3'])
    assert loaded(backbone, source.state_dict()) == {'conv1', 'layer1', 'layer2', 'layer3'}


def test_all_that_fits(tmp_path):
    source = network(widths=[16, 32, 72])
    backbone, before = initialized(source, tmp_path, True, depths=[1, 5, 1])
    assert loaded(backbone, source.state_dict()) == {'conv1', 'layer1', 'layer2'}
    assert torch.equal(backbone.layer3[0].conv3.weight, before['layer3.0.conv3.weight'])


def test_of_a_whole_model_behind_a_prefix(tmp_path):
    source = network()
    weights = {f'encoder.{name}': value for name, value in source.state_dict().items()}
    weights['decoder.weight'] = torch.ones(3)
    backbone, _ = initialized(weights, tmp_path, ['layer1'], prefix='encoder.')
    assert loaded(backbone, source.state_dict()) == {'layer1'}


def test_what_was_pruned_or_trained_beside(tmp_path):
    """A conv pruned by PyTorch, and one with a LoRA of PEFT beside it, by its names."""
    source = network()
    prune.l1_unstructured(source.layer1[0].conv1, 'weight', amount=0.5)
    weights = dict(source.state_dict())
    weights['layer2.0.conv1.base_layer.weight'] = weights.pop('layer2.0.conv1.weight')
    weights['layer2.0.conv1.lora_A.default.weight'] = torch.ones(4, 16)
    backbone, _ = initialized(weights, tmp_path, True)
    assert torch.equal(backbone.layer1[0].conv1.weight, source.layer1[0].conv1.weight)
    assert torch.equal(backbone.layer2[0].conv1.weight, source.layer2[0].conv1.weight)


@pytest.mark.parametrize(
    'partial, message',
    [
        (['layer9'], "partial must name parts of the network .*layer1.*but 'layer9' is none"),
        (['activation'], "but 'activation' is none"),
        (['layer2'], r'1 is of another shape, first layer2\.1\.conv1\.weight|are missing'),
        ([], 'partial must be True, for all that fits, or a list of parts'),
        (False, 'partial must be True'),
        ('layer1', 'partial must be True'),
        ([3], 'partial must be True'),
    ],
)
def test_mistakes(tmp_path, partial, message):
    source = network(depths=[1, 1, 1])
    with pytest.raises(ValueError, match=message):
        initialized(source, tmp_path, partial)


def test_nothing_at_all_is_refused(tmp_path):
    with pytest.raises(ValueError, match='some weights must be those of the network'):
        initialized({'x.weight': torch.ones(3)}, tmp_path, True)
