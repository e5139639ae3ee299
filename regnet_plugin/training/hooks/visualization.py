"""The name by which configs reach our hook that paints predictions."""

from typing import Any

from mmengine.hooks import Hook

from regnet_plugin.registry import HOOKS


@HOOKS.register_module(name='VisualizationHook')
def build_visualization_hook(**kwargs: Any) -> Hook:
    """Build `regnet_plugin.training.hooks.painting.VisualizationHook`.

    It is imported here, so that only who paints needs mmpretrain.
    """
    from regnet_plugin.training.hooks.painting import VisualizationHook

    return VisualizationHook(**kwargs)
