"""Where libraries publish the weights of RegNets: the web address behind each of their names."""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple
from urllib.parse import unquote, urlsplit


class PublishedFile(NamedTuple):
    """A file on the web, and the name under which it is kept on this machine."""

    url: str
    name: str


class Scheme(NamedTuple):
    """What stands before ``://`` in an address of weights.

    Attributes:
        library: key of `regnet_plugin.weights.library_layouts.LIBRARY_LAYOUTS`.
        file_of: gives the file that the library has published under a name; a ValueError says what
            names there are.
    """

    library: str
    file_of: Callable[[str], PublishedFile]


_PYCLS_URL = 'https://dl.fbaipublicfiles.com/pycls/dds_baselines/{run}/{name}_dds_8gpu.pyth'
# The numbers of the authors' trainings, from pycls's MODEL_ZOO.md.
# fmt: off
_PYCLS_RUNS = {
    'RegNetX-200MF': 160905981,  'RegNetX-400MF': 160905967,
    'RegNetX-600MF': 160906442,  'RegNetX-800MF': 160906036,
    'RegNetX-1.6GF': 160990626,  'RegNetX-3.2GF': 160906139,
    'RegNetX-4.0GF': 160906383,  'RegNetX-6.4GF': 161116590,
    'RegNetX-8.0GF': 161107726,  'RegNetX-12GF': 160906020,
    'RegNetX-16GF': 158460855,   'RegNetX-32GF': 158188473,
    'RegNetY-200MF': 176245422,  'RegNetY-400MF': 160906449,
    'RegNetY-600MF': 160981443,  'RegNetY-800MF': 160906567,
    'RegNetY-1.6GF': 160906681,  'RegNetY-3.2GF': 160906834,
    'RegNetY-4.0GF': 160906838,  'RegNetY-6.4GF': 160907112,
    'RegNetY-8.0GF': 161160905,  'RegNetY-12GF': 160907100,
    'RegNetY-16GF': 161303400,   'RegNetY-32GF': 161277763,
}
# fmt: on
_TIMM_URL = 'https://huggingface.co/timm/{name}/resolve/main/model.safetensors'
# Those of byobnet, regnetz_b16 to regnetz_e8, are other networks.
_TIMM_NAME = re.compile(r'regnet([xyv]_|z_0)\w+\.\w+')
_TRANSFORMERS_URL = 'https://huggingface.co/facebook/{name}/resolve/main/model.safetensors'
_TRANSFORMERS_NAME = re.compile(r'regnet-[xy]-\w+(-seer(-in1k)?)?')
_DETECTRON2_URL = 'https://dl.fbaipublicfiles.com/detectron2/new_baselines/{name}/{run}.pkl'
# Of detectron2's MODEL_ZOO.md: Mask R-CNN, trained for 100, 200 and 400 epochs.
# fmt: off
_DETECTRON2_RUNS = {
    'mask_rcnn_regnetx_4gf_dds_FPN_100ep_LSJ': '42047771/model_final_b7fbab',
    'mask_rcnn_regnetx_4gf_dds_FPN_200ep_LSJ': '42132721/model_final_5d87c1',
    'mask_rcnn_regnetx_4gf_dds_FPN_400ep_LSJ': '42025447/model_final_f1362d',
    'mask_rcnn_regnety_4gf_dds_FPN_100ep_LSJ': '42047784/model_final_6ba57e',
    'mask_rcnn_regnety_4gf_dds_FPN_200ep_LSJ': '42047642/model_final_27b9c1',
    'mask_rcnn_regnety_4gf_dds_FPN_400ep_LSJ': '42045954/model_final_ef3a80',
}
# fmt: on


def pycls_file(name: str) -> PublishedFile:
    """The authors' weights of a network, such as RegNetY-3.2GF."""
    check_known(name, _PYCLS_RUNS, 'pycls://')
    url = _PYCLS_URL.format(run=_PYCLS_RUNS[name], name=name)
    return PublishedFile(url, f'{name}_dds_8gpu.pyth')


def timm_file(name: str) -> PublishedFile:
    """timm's weights of a network and a training, such as regnety_032.ra_in1k."""
    if not _TIMM_NAME.fullmatch(name):
        raise ValueError(
            'timm:// must name a RegNet X, Y, V or Z (regnetz_0…) and its training, such as '
            f'regnety_032.ra_in1k or regnetz_040.ra3_in1k, but it is {name}'
        )
    return PublishedFile(_TIMM_URL.format(name=name), f'timm-{name}.safetensors')


def torchvision_file(name: str) -> PublishedFile:
    """torchvision's weights of a network and a training, such as regnet_y_3_2gf.imagenet1k_v2.

    Without the second part these are the network's first ones.
    """
    from torchvision.models import get_model_weights, list_models  # only for this library

    network, _, training = name.lower().partition('.')
    check_known(network, [model for model in list_models() if model.startswith('regnet')], 'tv://')
    trainings = {weights.name.lower(): weights for weights in get_model_weights(network)}
    training = training or next(iter(trainings))
    check_known(training, trainings, f'tv://{network}.')
    url = trainings[training].url
    return PublishedFile(url, file_name(url))


def detectron2_file(name: str) -> PublishedFile:
    """detectron2's detector of a name, such as mask_rcnn_regnety_4gf_dds_FPN_400ep_LSJ."""
    check_known(name, _DETECTRON2_RUNS, 'detectron2://')
    url = _DETECTRON2_URL.format(name=name, run=_DETECTRON2_RUNS[name])
    return PublishedFile(url, f'{name}.pkl')


def check_known(name: str, known: Iterable[str], before: str) -> None:
    """Refuse a name that a library has not published weights under.

    Args:
        name: what follows in the address.
        known: the names that there are.
        before: the beginning of the address, such as 'pycls://'.

    Raises:
        ValueError: listing the known names.
    """
    names = list(known)
    if name not in names:
        raise ValueError(
            f'{before} must be followed by one of {", ".join(names)}, the address of a file or a '
            f'path with a slash, but it is {name or "nothing"}'
        )


def file_name(url: str) -> str:
    """The name of a file on the web."""
    return unquote(urlsplit(url).path).rpartition('/')[2]


def transformers_file(name: str) -> PublishedFile:
    """transformers' weights of a network, such as regnet-y-040."""
    if not _TRANSFORMERS_NAME.fullmatch(name):
        raise ValueError(
            'transformers:// must name a RegNet of facebook, such as regnet-y-040 or '
            f'regnet-y-320-seer-in1k, or be followed by a path with a slash, but it is {name}'
        )
    return PublishedFile(_TRANSFORMERS_URL.format(name=name), f'transformers-{name}.safetensors')


def _only_files(scheme: str) -> Callable[[str], PublishedFile]:
    """For a library whose weights have no names: a path or an address must follow."""

    def refuse(name: str) -> PublishedFile:
        raise ValueError(
            f'{scheme}:// must be followed by the address of a file or a path with a slash, but it '
            f'is {name or "nothing"}'
        )

    return refuse


# What the addresses of files begin with that libraries publish, and metafiles name: these are
# converted wherever they are loaded from. Licences: MIT (pycls), BSD (torchvision).
PUBLISHED_PLACES = {
    'https://dl.fbaipublicfiles.com/pycls/dds_baselines/': 'pycls',
    'https://download.pytorch.org/models/regnet_': 'torchvision',
}


def library_at(url: str) -> str | None:
    """The library that publishes its files at a web address of `PUBLISHED_PLACES`, or None."""
    for beginning, library in PUBLISHED_PLACES.items():
        if url.startswith(beginning):
            return library
    return None


SCHEMES = {
    'pycls': Scheme('pycls', pycls_file),
    'timm': Scheme('timm', timm_file),
    'tv': Scheme('torchvision', torchvision_file),
    'detectron2': Scheme('detectron2', detectron2_file),
    'transformers': Scheme('transformers', transformers_file),
    'vissl': Scheme('vissl', _only_files('vissl')),
    'classy': Scheme('classy_vision', _only_files('classy')),
}


def published_url(address: str) -> str:
    """Return the web address of the file that a library published under a name.

    Such a name is ``pycls://RegNetY-3.2GF``.

    Raises:
        ValueError: if there is no such name.
    """
    scheme, _, name = address.partition('://')
    return SCHEMES[scheme].file_of(name).url
