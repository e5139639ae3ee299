"""The pages of docs/ that tools and their errors send a reader to.

Where a page lies is said here alone: to move one is to change its line.
"""

_PAGES = {
    'comparing': 'docs/comparing.md',
    'design_spaces': 'docs/design_spaces.md',
    'detection': 'docs/detection.md',
    'devices': 'docs/devices.md',
    'gpu': 'docs/gpu.md',
    'model_zoo': 'docs/model_zoo.md',
    'own_data': 'docs/own_data.md',
    'own_networks': 'docs/own_networks.md',
    'population_formats': 'docs/population_formats.md',
    'populations': 'docs/populations.md',
    'pose': 'docs/pose.md',
    'reports': 'docs/reports.md',
    'restrictions': 'docs/restrictions.md',
    'scaling': 'docs/scaling.md',
    'segmentation': 'docs/segmentation.md',
    'study': 'docs/study/README.md',
    'weights': 'docs/weights.md',
    'yolo': 'docs/yolo.md',
}


def guide(name: str) -> str:
    """Return where the page of this name lies, from the root of a clone."""
    return _PAGES[name]
