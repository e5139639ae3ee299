"""Are the compiled ops there that a config's models need?"""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from regnet_plugin.cli.errors import UserError
from regnet_plugin.cli.traps import OPS_MISSING


def check_ops(config: Mapping[str, Any]) -> None:
    """Refuse a config of mmdet's where mmcv has no compiled ops, before it is built.

    Raises:
        UserError: saying how to get them.
    """
    if config.get('default_scope') == 'mmdet' and find_spec('mmcv._ext') is None:
        raise UserError(OPS_MISSING)
