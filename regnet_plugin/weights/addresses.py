"""Where weights are: addresses of pretrained RegNets, `scheme://name`, beside MMEngine's own.

What follows the scheme is a name that the library has published weights under, the address of a
file, or a path::

    pycls://RegNetY-3.2GF                    the authors' weights
    timm://regnety_032.ra_in1k               any RegNet X or Y of timm's on the Hugging Face hub
    tv://regnet_y_3_2gf.imagenet1k_v2        torchvision's; without the second part its first
    weights detectron2://mask_rcnn_regnety_4gf_dds_FPN_400ep_LSJ     the backbone of a detector
    pycls:///data/mine.pyth  tv://https://…  files in these libraries' formats

All give a classifier of ours, names with ``backbone.``, for RGB images; a backbone takes its part
of it. OpenMMLab's ``open-mmlab://regnetx_3.2gf``, and checkpoints by address or path, give what is
in the file.
"""

import hashlib
import re
from contextlib import contextmanager, nullcontext
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mmengine.fileio import get_local_path
from mmengine.runner import CheckpointLoader
from mmengine.runner.checkpoint import get_external_models

from regnet_plugin.weights.download import fetch
from regnet_plugin.weights.files import read_training, read_weights
from regnet_plugin.weights.library_layouts import convert

# Before any address or path, for MMEngine to load it as we do: the weights, or all that a training
# goes on from.
WEIGHTS_ONLY, TRAINING_ONLY = 'weights-only://', 'training-only://'
_NOT_OURS = ('torchvision', 'modelzoo')  # MMEngine's schemes of torchvision's files, with its names
_ON_THE_WEB = re.compile('https?://')
_PYCLS = 'https://dl.fbaipublicfiles.com/pycls/dds_baselines/{}/{}_dds_8gpu.pyth'
_SIZES = (
    '200MF',
    '400MF',
    '600MF',
    '800MF',
    '1.6GF',
    '3.2GF',
    '4.0GF',
    '6.4GF',
    '8.0GF',
    '12GF',
    '16GF',
    '32GF',
)
_PYCLS_RUNS = {  # of pycls's MODEL_ZOO.md
    'X': (
        160905981,
        160905967,
        160906442,
        160906036,
        160990626,
        160906139,
        160906383,
        161116590,
        161107726,
        160906020,
        158460855,
        158188473,
    ),
    'Y': (
        176245422,
        160906449,
        160981443,
        160906567,
        160906681,
        160906834,
        160906838,
        160907112,
        161160905,
        160907100,
        161303400,
        161277763,
    ),
}
_PYCLS_NAMES = {
    f'RegNet{family}-{size}': run
    for family, runs in _PYCLS_RUNS.items()
    for size, run in zip(_SIZES, runs)
}
_TIMM = 'https://huggingface.co/timm/{}/resolve/main/model.safetensors'
_TIMM_NAME = re.compile(r'regnet[xy]_\w+\.\w+')
_DETECTRON2 = 'https://dl.fbaipublicfiles.com/detectron2/new_baselines/{}/{}.pkl'
_DETECTRON2_RUNS = {  # of detectron2's MODEL_ZOO.md
    'x': (
        '42047771/model_final_b7fbab',
        '42132721/model_final_5d87c1',
        '42025447/model_final_f1362d',
    ),
    'y': (
        '42047784/model_final_6ba57e',
        '42047642/model_final_27b9c1',
        '42045954/model_final_ef3a80',
    ),
}
_DETECTRON2_NAMES = {
    f'mask_rcnn_regnet{family}_4gf_dds_FPN_{epochs}ep_LSJ': run
    for family, runs in _DETECTRON2_RUNS.items()
    for epochs, run in zip((100, 200, 400), runs)
}


def read_address(address):
    """Read the weights at an address.

    Args:
        address (str): see above.

    Returns:
        dict[str, torch.Tensor]: named as in a classifier of ours, for RGB images.

    Raises:
        ValueError: in one line, if there is no such name, or nothing that can be loaded.
    """
    scheme, _, rest = address.partition('://')
    layout, url_of = SCHEMES[scheme]
    is_place = '/' in rest or '\\' in rest
    try:
        return convert(
            read_weights(_at(rest) if is_place else fetch(*url_of(rest))), layout, 'ours'
        )
    except ValueError as error:
        raise ValueError(f'{address}: {error}') from None


def published_url(address):
    """The web address of the file that a library published under a name: of
    ``pycls://RegNetY-3.2GF``, say.

    Raises:
        ValueError: if there is no such name.
    """
    scheme, _, name = address.partition('://')
    return SCHEMES[scheme][1](name)[0]


def read_checkpoint(source):
    """Read the weights of an address of ours, of OpenMMLab's ``open-mmlab://``, of the web, of a
    cloud, or in a file.

    Args:
        source (str | Path): the address or path.

    Returns:
        dict[str, torch.Tensor]: converted to ours from other libraries' addresses, else as they are
            in the file.

    Raises:
        ValueError: in one line, for what cannot be loaded.
        OSError: if a file cannot be read.
    """
    source = str(source)
    scheme = source.partition('://')[0] if '://' in source else ''
    if scheme in SCHEMES:
        return read_address(source)
    if scheme in _NOT_OURS:
        raise ValueError(
            "torchvision's weights must be named as tv://regnet_y_3_2gf, which gives them our "
            'names, but '
            f'this is {source}'
        )
    alias = re.fullmatch('open-?mmlab://(.+)', source)
    if alias:
        url = _known(alias[1], get_external_models(), 'open-mmlab')
        return read_weights(fetch(url, _file_name(url)))
    with (
        _from_cloud(source)
        if scheme and not _ON_THE_WEB.match(source)
        else nullcontext(_at(source)) as path
    ):
        return read_weights(path)


@contextmanager
def _from_cloud(source):
    """A local copy of a file that one of MMEngine's backends reaches."""
    try:
        copy = get_local_path(source)
        path = copy.__enter__()
    except Exception as error:  # each backend has its own
        raise ValueError(
            f'{source} must be a path, or an address that begins with {", ".join(SCHEMES)}, '
            'open-mmlab, https '
            f"or what one of MMEngine's backends reaches, but {type(error).__name__}: {error}"
        ) from None
    try:
        yield path
    finally:
        copy.__exit__(None, None, None)


def _at(place):
    """The path of a file on the web or on this machine."""
    if not _ON_THE_WEB.match(place):
        return Path(place).expanduser()
    return fetch(place, f'{hashlib.sha256(place.encode()).hexdigest()[:8]}-{_file_name(place)}')


def _file_name(url):
    return unquote(urlsplit(url).path).rpartition('/')[2]


def _pycls(name):
    return _PYCLS.format(_known(name, _PYCLS_NAMES, 'pycls'), name), f'{name}_dds_8gpu.pyth'


def _detectron2(name):
    return _DETECTRON2.format(name, _known(name, _DETECTRON2_NAMES, 'detectron2')), f'{name}.pkl'


def _timm(name):
    if not _TIMM_NAME.fullmatch(name):
        raise ValueError(
            'timm:// must name a RegNet X or Y and its training, such as regnety_032.ra_in1k or '
            f'regnetx_032.pycls_in1k, but it is {name}'
        )
    return _TIMM.format(name), f'timm-{name}.safetensors'


def _torchvision(name):
    from torchvision.models import get_model_weights, list_models

    network, _, training = name.lower().partition('.')
    _known(
        network, dict.fromkeys(model for model in list_models() if model.startswith('regnet')), 'tv'
    )
    found = {weights.name.lower(): weights for weights in get_model_weights(network)}
    url = _known(training or next(iter(found)), found, f'tv://{network}.').url
    return url, _file_name(url)


def _known(name, names, what):
    if name not in names:
        what = what if '://' in what else f'{what}://'
        raise ValueError(
            f'{what} must be followed by one of {", ".join(names)}, the address of a file or a '
            'path with a '
            f'slash, but it is {name or "nothing"}'
        )
    return names[name]


SCHEMES = {
    'pycls': ('pycls', _pycls),
    'timm': ('timm', _timm),
    'tv': ('torchvision', _torchvision),
    'detectron2': ('detectron2', _detectron2),
}


@CheckpointLoader.register_scheme(prefixes=[f'{scheme}://' for scheme in SCHEMES])
def load_from_regnets(filename, map_location=None):
    """MMEngine's loader of these addresses; weights stay on the CPU until a network takes them."""
    return dict(state_dict=read_address(filename))


@CheckpointLoader.register_scheme(prefixes=WEIGHTS_ONLY)
def load_from_anywhere(filename, map_location=None):
    """MMEngine's loader of what `read_checkpoint` takes: its own one trusts a file that does not
    load as weights only.
    """
    return dict(state_dict=read_checkpoint(filename[len(WEIGHTS_ONLY) :]))


@CheckpointLoader.register_scheme(prefixes=TRAINING_ONLY)
def load_from_training(filename, map_location='cpu'):
    """MMEngine's loader of a checkpoint, in a file or on the web, that a training goes on from."""
    return read_training(_at(filename[len(TRAINING_ONLY) :]), map_location)
