"""Checkpoints of other libraries and of training frameworks, as they write them.

transformers, ClassyVision and vissl are not installed here: their names are typed from their
sources (`modeling_regnet.py`; `anynet.py`, and vissl's trunk as timm's loader of SEER reads it).
"""

import re
import subprocess
import sys

import pytest
import torch
import torch.distributed as dist
import torch.distributed.checkpoint as dcp
from mmengine.model import ExponentialMovingAverage
from safetensors.torch import save_file
from torch.distributed.checkpoint.format_utils import dcp_to_torch_save
from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict
from torch.distributed.fsdp import FullyShardedDataParallel, fully_shard
from torch.nn.parallel import DistributedDataParallel

from regnet_plugin.models import AnyNet, RegNet
from regnet_plugin.weights import files
from regnet_plugin.weights.conversion import convert, library_of
from regnet_plugin.weights.files import read_weights

NETWORK = dict(
    depths=[1, 2], widths=[16, 32], group_widths=[8, 8], bottleneck_ratios=[1, 1], block='Y'
)
NORM = ('weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked')


def network(**options):
    backbone = AnyNet(**{**NETWORK, **options})
    generator = torch.Generator().manual_seed(0)
    for value in backbone.state_dict().values():
        if value.is_floating_point():
            value.uniform_(0.5, 1, generator=generator)
    return backbone


def initialized(checkpoint, block='Y', **init_cfg):
    init_cfg = dict(type='Pretrained', checkpoint=str(checkpoint), **init_cfg)
    backbone = AnyNet(**{**NETWORK, 'block': block, 'init_cfg': init_cfg})
    backbone.init_weights()
    return backbone


def equal(one, other):
    """Whether two networks have the same weights."""
    theirs = other.state_dict()
    return all(torch.equal(value, theirs[name]) for name, value in one.state_dict().items())


# Names in the first block of the second stage, and around it, by ours.
OURS = [
    ('conv1', ('weight',)),
    ('bn1', NORM),
    ('layer2.0.conv1', ('weight',)),
    ('layer2.0.bn1', NORM),
    ('layer2.0.conv2', ('weight',)),
    ('layer2.0.bn2', NORM),
    ('layer2.0.se.fc1', ('weight', 'bias')),
    ('layer2.0.se.fc2', ('weight', 'bias')),
    ('layer2.0.conv3', ('weight',)),
    ('layer2.0.bn3', NORM),
    ('layer2.0.downsample.0', ('weight',)),
    ('layer2.0.downsample.1', NORM),
]
OF_TRANSFORMERS = [
    'regnet.embedder.embedder.convolution',
    'regnet.embedder.embedder.normalization',
    'regnet.encoder.stages.1.layers.0.layer.0.convolution',
    'regnet.encoder.stages.1.layers.0.layer.0.normalization',
    'regnet.encoder.stages.1.layers.0.layer.1.convolution',
    'regnet.encoder.stages.1.layers.0.layer.1.normalization',
    'regnet.encoder.stages.1.layers.0.layer.2.attention.0',
    'regnet.encoder.stages.1.layers.0.layer.2.attention.2',
    'regnet.encoder.stages.1.layers.0.layer.3.convolution',
    'regnet.encoder.stages.1.layers.0.layer.3.normalization',
    'regnet.encoder.stages.1.layers.0.shortcut.convolution',
    'regnet.encoder.stages.1.layers.0.shortcut.normalization',
]
OF_CLASSY_VISION = [
    'stem.stem.0',
    'stem.stem.1',
    'trunk_output.block2.block2-0.f.a.0',
    'trunk_output.block2.block2-0.f.a.1',
    'trunk_output.block2.block2-0.f.b.0',
    'trunk_output.block2.block2-0.f.b.1',
    'trunk_output.block2.block2-0.f.se.excitation.0',
    'trunk_output.block2.block2-0.f.se.excitation.2',
    'trunk_output.block2.block2-0.f.c',
    'trunk_output.block2.block2-0.f.final_bn',
    'trunk_output.block2.block2-0.proj',
    'trunk_output.block2.block2-0.bn',
]
OF_VISSL = [
    re.sub(r'^stem\.stem', '_feature_blocks.conv1.stem', name).replace(
        'trunk_output.block2.', '_feature_blocks.res3.'
    )
    for name in OF_CLASSY_VISION
]


@pytest.mark.parametrize(
    'library, theirs',
    [
        ('transformers', OF_TRANSFORMERS),
        ('classy_vision', OF_CLASSY_VISION),
        ('vissl', OF_VISSL),
    ],
)
def test_names_typed_from_their_sources(library, theirs):
    own, expected = {}, {}
    for (name, kinds), their_name in zip(OURS, theirs):
        for kind in kinds:
            value = torch.randn(32, 3, 3, 3)
            own[f'backbone.{name}.{kind}'] = expected[f'{their_name}.{kind}'] = value
    assert convert(own, 'ours', library) == expected
    assert convert(expected, library, 'ours') == own
    assert library_of(expected) == library


def test_a_block_of_transformers_without_squeeze_and_excitation_ends_one_layer_before():
    names = [
        name.replace('layer.3.', 'layer.2.') for name in OF_TRANSFORMERS if 'attention' not in name
    ]
    weights = {f'{name}.weight': torch.ones(32, 3, 3, 3) for name in names}
    found = list(convert(weights, 'transformers', 'ours'))
    ours = [name for name, _ in OURS if '.se.' not in name]
    assert found == [f'backbone.{name}.weight' for name in ours]
    assert list(convert(convert(weights, 'transformers', 'ours'), 'ours', 'transformers')) == list(
        weights
    )


@pytest.mark.parametrize('suffix', ['bin', 'safetensors'])
@pytest.mark.parametrize('whole', [True, False])
@pytest.mark.parametrize('block', ['X', 'Y'])
def test_files_of_transformers(tmp_path, suffix, whole, block):
    """Of a classifier, and of the bare model, whose names have no prefix."""
    source = network(block=block)
    own = {f'backbone.{name}': value for name, value in source.state_dict().items()}
    weights = convert(own, 'ours', 'transformers')
    if whole:
        weights['classifier.1.weight'] = torch.ones(10, 32)
    else:
        weights = {name.removeprefix('regnet.'): value for name, value in weights.items()}
    path = tmp_path / f'pytorch_model.{suffix}'
    save_file(weights, path) if suffix == 'safetensors' else torch.save(weights, path)
    assert equal(initialized(f'transformers://{path}', block), source)
    with pytest.raises(ValueError, match='of transformers: transformers://PATH in the place of'):
        initialized(path, block)


@pytest.mark.parametrize(
    'library, scheme, heads',
    [
        ('vissl', 'vissl', {'0.clf.0.weight': torch.ones(10, 32)}),
        ('vissl', 'vissl', {'0.projection_head.0.weight': torch.ones(3)}),
        ('classy_vision', 'classy', {'block2-1': {'default': {'fc.weight': torch.ones(10, 32)}}}),
        ('classy_vision', 'classy', {}),
    ],
)
def test_files_of_vissl_and_classy_vision(tmp_path, library, scheme, heads):
    source = network()
    own = {f'backbone.{name}': value for name, value in source.state_dict().items()}
    model = dict(trunk=convert(own, 'ours', library), heads=heads)
    path = tmp_path / 'model.torch'
    torch.save(dict(classy_state_dict=dict(base_model=dict(model=model))), path)
    assert equal(initialized(f'{scheme}://{path}'), source)
    classifier = 10 if 'weight' in str(heads) and 'projection' not in str(heads) else None
    converted = convert(read_weights(path), library, 'ours')
    assert len(converted.get('head.fc.weight', ())) == (classifier or 0)


def test_timms_names_of_regnetv_by_address(tmp_path):
    source = RegNet('regnetv_4.0gf')
    own = {f'backbone.{name}': value for name, value in source.state_dict().items()}
    torch.save(convert(own, 'ours', 'timm'), tmp_path / 'net.pth')
    init_cfg = dict(type='Pretrained', checkpoint=f'timm://{tmp_path}/net.pth')
    target = RegNet('regnetv_4.0gf', init_cfg=init_cfg)
    target.init_weights()
    assert equal(target, source)


@pytest.mark.parametrize(
    'change',
    [
        lambda name: f'_orig_mod.{name}',
        lambda name: f'module._orig_mod.backbone.{name}',
        lambda name: f'model.module.backbone._orig_mod.{name}',
        lambda name: f'backbone.{name}'.replace('layer2.', 'layer2._fsdp_wrapped_module.'),
        lambda name: f'model.{name}',  # Lightning
        lambda name: f'architecture.backbone.{name}',  # mmrazor
        lambda name: f'student.backbone.{name}',
        lambda name: f'backbone.{name}'.replace('.1.', '._checkpoint_wrapped_module.1.'),
    ],
)
def test_names_of_wrapped_models_and_of_frameworks(tmp_path, change):
    source = network()
    weights = {change(name): value for name, value in source.state_dict().items()}
    torch.save(dict(state_dict=weights), tmp_path / 'net.ckpt')
    assert equal(initialized(tmp_path / 'net.ckpt'), source)


@pytest.mark.parametrize('before', ['_orig_mod.', 'module.', 'model.', 'net.module._orig_mod.'])
def test_names_of_timm_in_wrapped_models_and_frameworks(tmp_path, before):
    source = network()
    own = {f'backbone.{name}': value for name, value in source.state_dict().items()}
    weights = convert(own, 'ours', 'timm')
    torch.save({before + name: value for name, value in weights.items()}, tmp_path / 'net.ckpt')
    assert equal(initialized(f'timm://{tmp_path}/net.ckpt'), source)


@pytest.mark.parametrize('scheme', ['timm', 'pycls', 'tv', 'transformers', 'vissl', 'classy'])
def test_a_prefix_goes_with_every_scheme(tmp_path, scheme):
    library = {'tv': 'torchvision', 'classy': 'classy_vision'}.get(scheme, scheme)
    source = network()
    own = {f'backbone.{name}': value for name, value in source.state_dict().items()}
    weights = convert(own, 'ours', library)
    torch.save({f'a.b.{name}': value for name, value in weights.items()}, tmp_path / 'net.pth')
    address = f'{scheme}://{tmp_path}/net.pth'
    assert equal(initialized(address, prefix='a.b.'), source)
    assert equal(initialized(address, prefix='a.b'), source)
    with pytest.raises(ValueError, match=f'must be those of a RegNet of {library}'):
        initialized(address)
    with pytest.raises(ValueError, match=rf"{scheme}://PATH .*and prefix='a\.b\.' reads them"):
        initialized(tmp_path / 'net.pth')


@pytest.mark.parametrize('inside, right', [('backbone.', "prefix='backbone.'"), ('', 'no prefix')])
def test_a_wrong_prefix_gets_the_right_one(tmp_path, inside, right):
    weights = {f'{inside}{name}': value for name, value in network().state_dict().items()}
    torch.save(dict(state_dict=weights), tmp_path / 'net.pth')
    said = f"no name begins with 'encoder.', those of a backbone need {right}"
    with pytest.raises(ValueError, match=said):
        initialized(tmp_path / 'net.pth', prefix='encoder.')


def test_averages_of_timm_are_taken_unless_others_are_chosen(tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr(files, 'print_log', lambda text, *_, **__: said.append(text))
    plain, averaged = network(), AnyNet(**NETWORK)
    names = [
        {f'backbone.{name}': value for name, value in each.state_dict().items()}
        for each in (plain, averaged)
    ]
    weights, averages = (convert(each, 'ours', 'timm') for each in names)
    torch.save(dict(state_dict=weights, state_dict_ema=averages), tmp_path / 'net.pth')
    address = f'timm://{tmp_path}/net.pth'
    assert equal(initialized(address), averaged)
    assert 'averages of its weights are taken (state_dict_ema)' in ''.join(said)
    assert equal(initialized(address, ema=True), averaged)
    assert equal(initialized(address, ema=False), plain)


def test_averages_of_mmengines_hook(tmp_path):
    """It has averages in ``state_dict``, and what is trained in ``ema_state_dict``."""
    trained = torch.nn.ModuleDict(dict(backbone=network()))
    averages = ExponentialMovingAverage(trained, momentum=0.5)
    averages.update_parameters(trained)
    averaged = torch.nn.ModuleDict(dict(backbone=AnyNet(**NETWORK)))
    torch.save(
        dict(state_dict=averaged.state_dict(), ema_state_dict=averages.state_dict()),
        tmp_path / 'net.pth',
    )
    path = tmp_path / 'net.pth'
    assert equal(initialized(path), averaged.backbone)
    assert equal(initialized(path, ema=True), averaged.backbone)
    assert equal(initialized(path, ema=False), trained.backbone)


def test_averages_where_there_are_none(tmp_path):
    torch.save(dict(state_dict=network().state_dict()), tmp_path / 'net.pth')
    with pytest.raises(ValueError, match='with ema=True there must be averages of the weights'):
        initialized(tmp_path / 'net.pth', ema=True)


def test_folders_of_distributed_checkpoints_and_what_is_made_of_them(tmp_path):
    source = network()
    dcp.save(dict(model=source.state_dict()), checkpoint_id=tmp_path / 'folder', no_dist=True)
    with pytest.raises(ValueError, match=r'format_utils dcp_to_torch FOLDER FILE makes one of it'):
        initialized(tmp_path / 'folder')
    dcp_to_torch_save(tmp_path / 'folder', tmp_path / 'net.pth')
    assert equal(initialized(tmp_path / 'net.pth'), source)
    torch.save(dict(app=dict(model=source.state_dict(), optim={})), tmp_path / 'app.pth')
    assert equal(initialized(tmp_path / 'app.pth'), source)


@pytest.fixture
def one_process():
    """A group of processes, of which there is one."""
    dist.init_process_group('gloo', store=dist.HashStore(), rank=0, world_size=1)
    yield
    dist.destroy_process_group()


def whole_weights(model):
    return get_model_state_dict(model, options=StateDictOptions(full_state_dict=True))


@pytest.mark.parametrize(
    'written',
    [
        lambda model: FullyShardedDataParallel(model, device_id=torch.device('cpu')).state_dict(),
        lambda model: whole_weights(fully_shard(model)),
        lambda model: torch.compile(DistributedDataParallel(model)).state_dict(),
        lambda model: DistributedDataParallel(torch.compile(model)).state_dict(),
    ],
    ids=['FSDP', 'FSDP2', 'compiled DDP', 'DDP of compiled'],
)
def test_files_of_distributed_trainings(tmp_path, one_process, written):
    source = network()
    expected = {name: value.clone() for name, value in source.state_dict().items()}
    torch.save(dict(model=written(source)), tmp_path / 'net.pth')
    found = initialized(tmp_path / 'net.pth').state_dict()
    assert all(torch.equal(found[name], value) for name, value in expected.items())


def test_shards_are_told_with_what_writes_the_whole(tmp_path, one_process):
    torch.save(fully_shard(network()).state_dict(), tmp_path / 'net.pth')
    said = r'net\.pth holds the shards of one process \(DTensor\).*full_state_dict=True'
    with pytest.raises(ValueError, match=said):
        initialized(tmp_path / 'net.pth')
    code = "from regnet_plugin.weights.files import read_weights; read_weights('net.pth')"
    done = subprocess.run(
        [sys.executable, '-c', code], capture_output=True, text=True, cwd=tmp_path
    )
    assert re.search(said, done.stderr.splitlines()[-1])


def test_a_checkpoint_of_lightning(tmp_path):
    """With what Lightning 2 writes beside the weights (`checkpoint_connector.py`)."""
    source = network()
    whole = torch.nn.ModuleDict(dict(model=source, criterion=torch.nn.CrossEntropyLoss()))
    torch.save(
        {
            'epoch': 4,
            'global_step': 250,
            'pytorch-lightning_version': '2.4.0',
            'state_dict': whole.state_dict(),
            'loops': dict(fit_loop=dict(epoch_progress=dict(total=dict(ready=5)))),
            'callbacks': {
                "ModelCheckpoint{'monitor': None}": dict(best_model_score=torch.ones(()))
            },
            'optimizer_states': [torch.optim.SGD(whole.parameters(), lr=0.1).state_dict()],
            'lr_schedulers': [],
            'hparams_name': 'kwargs',
            'hyper_parameters': dict(lr=0.1),
        },
        tmp_path / 'epoch=4-step=250.ckpt',
    )
    assert equal(initialized(tmp_path / 'epoch=4-step=250.ckpt'), source)
