"""What metafiles and page say of others' weights is what those libraries say themselves."""

import json
import re
from pathlib import Path

import mmengine
import mmpretrain
import numpy as np
import pytest
import timm
import yaml
from every_config import METAFILES, MODELS_OF_METAFILES, load, read
from killing import ROOT
from mmcv.transforms import Compose
from mmengine.config import DictAction
from mmengine.registry import MODELS, TRANSFORMS, DefaultScope
from PIL import Image
from published_tables import DETECTRON2_AP, PYCLS_ERRORS, TIMM
from timm.data import create_transform, resolve_data_config
from timm.models.regnet import default_cfgs
from torchvision.models import get_model, get_model_weights, list_models

from regnet_plugin.models.module_complexity import OnMeta
from regnet_plugin.weights.conversion import convert
from regnet_plugin.weights.image_statistics import IMAGE_STATISTICS, colour_order_of
from regnet_plugin.weights.matching import own_weights
from regnet_plugin.weights.published_files import SCHEMES, published_url

OTHERS = {
    network['Name']: network
    for metafile in METAFILES
    for network in metafile.get('Other Networks', ())
}
OURS = {
    path.stem.removesuffix('_imagenet'): model
    for path, model in MODELS_OF_METAFILES.items()
    if 'Foreign Weights' in model
}
ENTRIES = {
    entry['Address']: dict(entry, network=name)
    for name, network in {**OURS, **OTHERS}.items()
    for entry in network['Foreign Weights']
}
MMPRETRAIN = Path(mmpretrain.__file__).parent / '.mim/configs/regnet'


def of(scheme):
    return {
        address.removeprefix(f'{scheme}://'): entry
        for address, entry in ENTRIES.items()
        if address.startswith(scheme)
    }


def accuracies(entry):
    return [test['Top 1 Accuracy'] for test in entry['Tests'] if 'Top 1 Accuracy' in test]


def sizes(entry):
    return [(test['Resize'], test['Crop'], test['Interpolation']) for test in entry['Tests']]


def is_fed_rgb(mean, deviation):
    """Of values from 0 to 1."""
    return all(
        [255 * value for value in values] == pytest.approx(IMAGE_STATISTICS['RGB'][key])
        for key, values in (('mean', mean), ('std', deviation))
    )


def test_every_network_of_the_paper_has_addresses_and_each_is_that_of_one_network():
    assert set(OURS) == set(PYCLS_ERRORS)
    addresses = [
        entry['Address']
        for network in [*OURS.values(), *OTHERS.values()]
        for entry in network['Foreign Weights']
    ]
    assert len(set(addresses)) == len(addresses) == 24 + 8 + 8 + 65 + 34 + 6


def test_every_address_leads_to_a_file():
    for address, entry in ENTRIES.items():
        if address.partition('://')[0] in SCHEMES:
            assert published_url(address).startswith('https://')
        assert colour_order_of(address) == ('BGR' if 'mmlab' in address else 'RGB')
        assert set(entry) <= {
            'Address',
            'Tests',
            'Classes',
            'License',
            'Part',
            'Detector',
            'network',
        }


def test_pycls():
    found = of('pycls')
    assert {
        entry['network']: 100 - accuracies(entry)[0] for entry in found.values()
    } == pytest.approx({name: float(error) for name, error in PYCLS_ERRORS.items()})
    # "we rescale images to (256 / 224) * train-res and take the center crop of train-res"
    for name, entry in found.items():
        assert name.lower().replace('-', '_') == entry['network'] and sizes(entry) == [
            (256, 224, 'bilinear')
        ]


def published_by_timm():
    return {
        f'{name}.{tag}': settings
        for name, defaults in default_cfgs.items()
        for tag, settings in defaults.cfgs.items()
        if tag != 'untrained'
    }


def size_of(transform):
    """Short side, side of the crop and interpolation."""
    resize, crop = transform.transforms[:2]
    return resize.size, crop.size[0], getattr(resize.interpolation, 'value', resize.interpolation)


def test_timm_has_these_regnets_and_tests_them_so():
    found, published = of('timm'), published_by_timm()
    assert set(found) == set(published)
    for name, entry in found.items():
        settings = published[name]
        assert settings.hf_hub_id == 'timm/' and is_fed_rgb(settings.mean, settings.std)
        both = [
            resolve_data_config(pretrained_cfg=settings.to_dict(), use_test_size=at_test)
            for at_test in (False, True)
        ]
        transforms = [create_transform(**config) for config in both]
        assert sizes(entry) == list(dict.fromkeys(map(size_of, transforms))), name
        assert entry.get('Classes', 1000) == settings.num_classes
        licenses = {'cc-by-nc-4.0': 'CC-BY-NC 4.0', 'seer-license': 'SEER'}
        assert entry.get('License') == licenses.get(settings.license)
        assert [f'{accuracy:.3f}' for accuracy in accuracies(entry)] == list(TIMM.get(name, ()))
    assert set(found) - set(TIMM) == {
        name for name, entry in found.items() if entry.get('Classes', 1000) != 1000
    }


def test_the_same_weights_are_as_good_in_timm_as_where_they_come_from():
    """Within what another interpolation and crop change: a row in the wrong place would be seen."""
    best = {
        address: accuracies(entry)[0] for address, entry in ENTRIES.items() if accuracies(entry)
    }
    urls = {
        weights.url: f'tv://{name}.{weights.name.lower()}'
        for name, weights in published_by_torchvision()
    }
    pairs = [
        (f'timm://{name}', urls[settings.url])
        for name, settings in published_by_timm().items()
        if settings.url in urls
    ]
    authors = {entry['network']: f'pycls://{name}' for name, entry in of('pycls').items()}
    pairs += [
        (f'timm://{name}', authors[entry['network']])
        for name, entry in of('timm').items()
        if 'pycls' in name
    ]
    assert len(pairs) == 24 + 14 + 6
    assert all(abs(best[one] - best[other]) < 0.3 for one, other in pairs)


def published_by_torchvision():
    return [
        (name, weights)
        for name in list_models()
        if name.startswith('regnet')
        for weights in get_model_weights(name)
    ]


def test_torchvision():
    found = of('tv')
    published = {
        f'{name}.{weights.name.lower()}': weights for name, weights in published_by_torchvision()
    }
    assert set(found) == set(published)
    for name, entry in found.items():
        transform = published[name].transforms()
        assert sizes(entry) == [
            (*transform.resize_size, *transform.crop_size, transform.interpolation.value)
        ]
        assert is_fed_rgb(transform.mean, transform.std)
        assert accuracies(entry) == [published[name].meta['_metrics']['ImageNet-1K']['acc@1']]
        assert ('License' in entry) == ('SWAG' in published[name].meta.get('license', ''))


def test_openmmlab():
    metafile = yaml.safe_load((MMPRETRAIN / 'metafile.yml').read_text())
    published = {model['Weights'].split('/')[-1]: model for model in metafile['Models']}
    found = {address.split('/')[-1]: entry for address, entry in of('https').items()}
    assert set(found) == set(published)
    for file, entry in found.items():
        model = published[file]
        assert accuracies(entry) == [model['Results'][0]['Metrics']['Top 1 Accuracy']]
        assert model['Name'].split('_')[0].replace('-', '_') == entry['network']
        theirs = read(MMPRETRAIN / Path(model['Config']).name)
        resize, crop = theirs.test_dataloader.dataset.pipeline[1:3]
        assert sizes(entry) == [
            (resize.scale, crop.crop_size, resize.get('interpolation', 'bilinear'))
        ]
        assert not theirs.data_preprocessor.to_rgb
        assert {
            key: theirs.data_preprocessor[key] for key in IMAGE_STATISTICS['BGR']
        } == IMAGE_STATISTICS['BGR']
    aliases = json.loads((Path(mmengine.__file__).parent / 'hub/openmmlab.json').read_text())
    backbones = of('open-mmlab')
    assert set(backbones) == {name for name in aliases if name.startswith('regnet')}
    assert all(
        entry['network'] == name and entry['Part'] == 'backbone' and not accuracies(entry)
        for name, entry in backbones.items()
    )


def test_detectron2():
    found = of('detectron2')
    assert {
        f'{entry["network"]} {re.search("FPN_([0-9]+)ep", name)[1]}'
        for name, entry in found.items()
    } == set(DETECTRON2_AP)
    for name, entry in found.items():
        family, epochs = re.fullmatch(
            'mask_rcnn_regnet([xy])_4gf_dds_FPN_([0-9]+)ep_LSJ', name
        ).groups()
        assert (
            Path(entry['Detector']).stem == f'mask-rcnn_regnet{family}_4.0gf_fpn_lsj-{epochs}e_coco'
        )
        pipeline = read(ROOT / entry['Detector']).test_dataloader.dataset.pipeline
        scale = next(step.scale for step in pipeline if 'Resize' in step.type)
        assert entry['Tests'] == [
            dict(Resize='x'.join(map(str, scale)), Interpolation='bilinear')
        ] and scale == (1333, 800)


def backbone_of(name):
    """On the meta device."""
    backbone = (
        OTHERS[name]['Backbone'] if name in OTHERS else load(f'{name}_imagenet').model.backbone
    )
    with OnMeta():
        return MODELS.build(dict(backbone, out_indices=(3,)))


def peer_of(address):
    """Tensors of the network that the library builds for an address, by our names."""
    scheme, _, name = address.partition('://')
    with OnMeta():
        peer = (
            timm.create_model(name)
            if scheme == 'timm'
            else get_model(name.split('.')[0], weights=None)
        )
    return convert(peer.state_dict(), dict(timm='timm', tv='torchvision')[scheme], 'ours')


@pytest.mark.parametrize(
    'name',
    [
        *OTHERS,
        'regnety_12gf',
        *(
            pytest.param(name, marks=pytest.mark.acceptance)
            for name in OURS
            if name != 'regnety_12gf'
        ),
    ],
)
def test_the_network_is_that_of_its_addresses(name):
    ours = {f'backbone.{key}': value.shape for key, value in backbone_of(name).state_dict().items()}
    addresses = [
        address
        for address, entry in ENTRIES.items()
        if entry['network'] == name and address.startswith(('timm://', 'tv://'))
    ]
    seen = {}
    for address in addresses:
        network = (address.split('.')[0], ENTRIES[address].get('Classes', 1000))
        if network in seen:
            continue
        theirs = seen[network] = {key: value.shape for key, value in peer_of(address).items()}
        classifier = {
            key: theirs.pop(key)[0] for key in ('head.fc.weight', 'head.fc.bias') if key in theirs
        }
        assert theirs == ours
        assert set(classifier.values()) == ({network[1]} - {0})
    assert seen


@pytest.mark.parametrize(
    'name, address',
    [
        ('regnetx_400mf', 'tv://regnet_x_400mf.imagenet1k_v2'),
        ('regnety_800mf', 'timm://regnety_008_tv.tv2_in1k'),
        ('regnety_8.0gf', 'tv://regnet_y_8gf.imagenet1k_v1'),
    ],
)
def test_regnet_refuses_the_widths_of_torchvision(name, address):
    assert ENTRIES[address]['network'] == f'{name} of torchvision'
    with pytest.raises(ValueError, match='of another shape'):
        own_weights(backbone_of(name), peer_of(address))


def rows_of_the_page():
    section = (
        (ROOT / 'docs/reference/model_zoo.md')
        .read_text()
        .split('## Weights of others')[1]
        .split('\nNetworks without')[0]
    )
    return [
        [cell.strip() for cell in line.strip('|').split('|')]
        for line in section.splitlines()
        if line.startswith('| ')
    ][2:]


def test_the_page_has_a_row_for_each_address_sorted_by_network():
    rows = rows_of_the_page()
    networks = sorted({**OURS, **OTHERS}.items(), key=lambda network: name_and_size(network[0]))
    assert [re.search(r'`(.+)`|\((.+)\)', row[1]).group(1, 2) for row in rows] == [
        (None, address) if address.startswith('https://') else (address, None)
        for _, network in networks
        for address in (entry['Address'] for entry in network['Foreign Weights'])
    ]
    found = {row[1].strip('`'): row for row in rows}
    assert found['timm://regnety_032.ra_in1k'] == [
        '[regnety_3.2gf](../../configs/regnety_3.2gf_imagenet.py)',
        '`timm://regnety_032.ra_in1k`',
        'RGB',
        '224 of 235 bicubic; 288 of 288 bicubic',
        '81.95; 82.72',
        '–',
    ]
    assert found['tv://regnet_x_400mf.imagenet1k_v1'][2:] == [
        'RGB',
        '224 of 256',
        '72.83',
        'AnyNet alone',
    ]
    assert found['open-mmlab://regnetx_400mf'][2:] == ['BGR', '224 of 256', '–', 'backbone']
    assert found['timm://regnety_120.sw_in12k'][4:] == ['–', '11,821 classes']
    assert found['timm://regnety_320.seer'][4:] == ['–', 'SEER, backbone']
    assert found['detectron2://mask_rcnn_regnety_4gf_dds_FPN_400ep_LSJ'][3:5] == [
        '1333x800',
        'box AP 48.2; mask AP 43.3',
    ]


def name_and_size(cell):
    family, number, unit = re.search(r'regnet([xyzv])_([\d.]+)([mg])f', cell).groups()
    return 'xyzv'.index(family), float(number) * dict(m=1, g=1000)[unit], ' ' in cell


def test_the_other_options_of_the_page_make_the_other_test():
    """Those of the second printed command: the config's own test is 224 of 256, with OpenCV."""
    command = (
        (ROOT / 'docs/reference/model_zoo.md')
        .read_text()
        .split('```sh\n')[2]
        .split('```')[0]
        .replace('\\\n', ' ')
        .split()
    )
    assert command[1:3] == ['configs/regnety_3.2gf_imagenet.py', 'timm://regnety_032.ra_in1k']
    values = dict(option.split('=') for option in command[command.index('--cfg-options') + 1 :])
    config = load('regnety_3.2gf_imagenet')
    config.merge_from_dict(
        {key: DictAction._parse_iterable(value) for key, value in values.items()}
    )
    image = np.random.default_rng(0).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        pipeline = Compose(
            [TRANSFORMS.build(step) for step in config.test_dataloader.dataset.pipeline[1:3]]
        )
        ours = pipeline(dict(img=image))['img']
    settings = published_by_timm()['regnety_032.ra_in1k'].to_dict()
    transform = create_transform(**resolve_data_config(pretrained_cfg=settings, use_test_size=True))
    theirs = transform.transforms[1](transform.transforms[0](Image.fromarray(image)))
    assert ours.shape == (288, 288, 3) and np.array_equal(ours, np.array(theirs))
