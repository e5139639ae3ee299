"""Our models by name in mmpretrain: ``get_model``, ``list_models`` and the inferencers."""

from functools import cache
from pathlib import Path

from mmpretrain.apis.model import ModelHub

import regnet_plugin.weights.addresses  # noqa: F401  registers how its models' weights are read


@cache  # mmpretrain refuses a second registration
def register_models() -> None:
    """Make mmpretrain know the models of this package's ``configs/``; a second call does nothing.

    With ``pretrained=True`` they have the weights that their metafile names, converted on loading.

    Raises:
        FileNotFoundError: if the package was not installed, so that it has no ``.mim`` folder.
    """
    mim = Path(__file__).resolve().parents[1] / '.mim'
    index = mim / 'model-index.yml'
    if not index.is_file():
        raise FileNotFoundError(
            f'the list of models is made by an installation (pip install), but there is no {index}'
        )
    ModelHub.register_model_index(index, config_prefix=mim)
