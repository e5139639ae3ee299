"""Known traps of an OpenMMLab environment: what an error says, and what is really wrong."""

from regnet_plugin.cli.guides import guide

OPS_MISSING = (
    "mmcv is installed without its compiled ops, which mmdet's models need. In a clone of "
    'regnet_plugin build them with: make ops (10 to 16 minutes on two cores); elsewhere install an '
    f'mmcv that has them (guide: {guide("detection")})'
)

_CAUSES = {
    'mmcv._ext': OPS_MISSING,
    'torchvision::nms does not exist': (
        'torch and torchvision are of different builds; install a pair of one build, such as '
        'torch==2.10.0 torchvision==0.25.0'
    ),
    'NoneType takes no arguments': (
        "transformers 5 breaks mmpretrain's models: pip install 'transformers<5'"
    ),
    'is not one of the arch_settings': (
        "type='RegNet' is the library's own network, which does not know this arch; that of this "
        "package is type='regnet_plugin.RegNet'"
    ),
    "No module named 'pkg_resources'": (
        "setuptools 82 removed what stock MMEngine needs: pip install 'setuptools<82'"
    ),
    'mmsegmentation is not installed': (
        'a base mmseg::… is looked for in the stock mmsegmentation, which is not installed; '
        f'{guide("segmentation")} says what to write with the maintained one'
    ),
    'numpy.dtype size changed': (
        'a package was compiled for NumPy 1; if it is xtcocotools, which mmpose needs, '
        f'{guide("pose")} says how to compile it here'
    ),
    'Please install mmcv>=2.0.0rc4, <2.1.0': (
        f'mmyolo refuses mmcv from 2.1.0 on; {guide("yolo")} says what to write'
    ),
    'mmyolo_beside_newer_mmcv': (
        'mmyolo is imported by examples/mmyolo_beside_newer_mmcv.py, which must be on PYTHONPATH, '
        f'and must be installed: {guide("yolo")}'
    ),
}


def known_cause(message: str) -> str | None:
    """Return what is really wrong when an error has this message; None if it is no known trap."""
    for symptom, cause in _CAUSES.items():
        if symptom in message:
            return cause
    return None
