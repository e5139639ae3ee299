"""Is the library there that a config's models are of, with the compiled ops that it needs?"""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from regnet_plugin.cli.errors import UserError
from regnet_plugin.cli.guides import guide
from regnet_plugin.cli.traps import OPS_MISSING

# Libraries that do not come with this package, by their scope, and the page that says how to get
# each.
_BESIDE = {'mmseg': 'segmentation', 'mmpose': 'pose', 'mmyolo': 'yolo'}
_WITH_OPS = ('mmdet', 'mmpose', 'mmyolo')  # which cannot be imported without mmcv's compiled ops


def check_library(config: Mapping[str, Any]) -> None:
    """Refuse a config whose library cannot be imported, before anything of it is built.

    Raises:
        UserError: saying how to get what is missing.
    """
    scope = config.get('default_scope')
    if scope in _BESIDE and find_spec(scope) is None:
        raise UserError(
            f'the config is one of {scope}, which is not installed (guide: {guide(_BESIDE[scope])})'
        )
    if scope in _WITH_OPS and find_spec('mmcv._ext') is None:
        raise UserError(OPS_MISSING)
