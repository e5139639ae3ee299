"""The metafiles, the page made of them, and what it says about weights of others."""

import subprocess
import sys

import pytest
import torch
from every_config import METAFILES, MODELS_OF_METAFILES, PATHS, build, load
from killing import ROOT
from mmengine.registry import MODELS, DefaultScope
from pages.model_zoo import model_zoo
from published_tables import ERRORS

from regnet_plugin.models.module_complexity import OnMeta

NETWORKS = [path for path, model in MODELS_OF_METAFILES.items() if 'Foreign Weights' in model]
LOADABLE = [
    path.stem.removesuffix('_imagenet')
    for path in NETWORKS
    for weights in MODELS_OF_METAFILES[path]['Foreign Weights']
    if weights['Address'].startswith('https://')
]


def test_the_page_is_that_of_the_metafiles():
    assert (ROOT / 'docs/reference/model_zoo.md').read_text() == model_zoo(ROOT), (
        'run docs/make_pages.py --write'
    )


def test_the_page_has_every_network_and_its_links_lead_somewhere():
    page = model_zoo(ROOT)
    for model in MODELS_OF_METAFILES.values():
        assert f'(../../{model["Config"]})' in page and (ROOT / model['Config']).is_file()


def test_every_model_has_a_collection_and_a_name_with_its_batch():
    for metafile in METAFILES:
        collections = {collection['Name'] for collection in metafile['Collections']}
        assert {model['In Collection'] for model in metafile['Models']} == collections
    names = [model['Name'] for model in MODELS_OF_METAFILES.values()]
    assert len(set(names)) == len(names)
    for model in MODELS_OF_METAFILES.values():
        batch = model['Metadata']['Batch Size']
        assert f'_1xb{batch}-' in model['Name'] or f'_8xb{batch // 8}-' in model['Name']


@pytest.mark.parametrize('name', ERRORS)
def test_errors_are_the_papers(name):
    model = MODELS_OF_METAFILES[PATHS[f'{name}_imagenet']]
    assert model['Results'][0]['Metrics']['Top 1 Accuracy'] == pytest.approx(
        100 - float(ERRORS[name])
    )


@pytest.mark.parametrize('name', LOADABLE)
def test_openmmlabs_classifier_has_our_tensors(name):
    with OnMeta():
        ours = build(load(f'{name}_imagenet'))
        with DefaultScope.overwrite_default_scope('mmpretrain'):
            theirs = MODELS.build(
                dict(
                    type='ImageClassifier',
                    backbone=dict(type='RegNet', arch=name),
                    neck=dict(type='GlobalAveragePooling'),
                    head=load(f'{name}_imagenet').model.head,
                )
            )
    assert type(theirs.backbone) is not type(ours.backbone)
    assert {key: tensor.shape for key, tensor in theirs.state_dict().items()} == {
        key: tensor.shape for key, tensor in ours.state_dict().items()
    }


def test_the_options_of_the_page_make_the_images_bgr(run_tool, tmp_path):
    """Those of the printed command, up to the missing data."""
    from mmengine.config import DictAction

    page = (ROOT / 'docs/reference/model_zoo.md').read_text()
    command = page.split('```sh\n')[1].split('```')[0].replace('\\\n', ' ').split()
    values = dict(option.split('=') for option in command[command.index('--cfg-options') + 1 :])
    config = load('regnetx_400mf_imagenet')
    config.merge_from_dict(
        {key: DictAction._parse_iterable(value) for key, value in values.items()}
    )
    model = build(config)
    image = torch.arange(3, dtype=torch.uint8).reshape(1, 3, 1, 1)
    inputs = model.data_preprocessor(dict(inputs=image))['inputs'].flatten()
    mean, std = torch.tensor([103.53, 116.28, 123.675]), torch.tensor([57.375, 57.12, 58.395])
    torch.testing.assert_close(inputs, (torch.arange(3) - mean) / std)


def test_models_are_found_by_name_after_one_call():
    """In a process of its own, since a registration lasts."""
    code = """
import mmpretrain
from regnet_plugin.weights.mmpretrain_hub import register_models
register_models()
register_models()  # harmless
assert len(mmpretrain.list_models('*-dds_in1k')) >= 24
model = mmpretrain.get_model('regnety-400mf_8xb128-dds_in1k')
print(type(model.backbone).__module__)
"""
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1:] == ['regnet_plugin.models.regnet'], done.stderr


def test_a_missing_list_of_models_is_said(tmp_path, monkeypatch):
    from regnet_plugin.weights import mmpretrain_hub as model_hub

    monkeypatch.setattr(model_hub, '__file__', str(tmp_path / 'model_hub.py'))
    with pytest.raises(
        FileNotFoundError, match='made by an installation .* but there is no .*model-index.yml'
    ):
        model_hub.register_models.__wrapped__()  # another test may have called it
