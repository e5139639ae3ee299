"""The pages of docs/ that tools and their errors send a reader to.

Where a page lies is said here alone: to move one is to change its line.
"""

_PAGES = {
    'comparing': 'docs/how_to/comparing.md',
    'deployment': 'docs/how_to/deployment.md',
    'design_spaces': 'docs/reference/design_spaces.md',
    'detection': 'docs/how_to/detection.md',
    'devices': 'docs/how_to/devices.md',
    'gpu': 'docs/reference/gpu.md',
    'model_zoo': 'docs/reference/model_zoo.md',
    'own_data': 'docs/tutorials/own_data.md',
    'own_networks': 'docs/tutorials/own_networks.md',
    'population_formats': 'docs/reference/population_formats.md',
    'populations': 'docs/how_to/populations.md',
    'pose': 'docs/how_to/pose.md',
    'reports': 'docs/how_to/reports.md',
    'restrictions': 'docs/how_to/restrictions.md',
    'scaling': 'docs/how_to/scaling.md',
    'segmentation': 'docs/how_to/segmentation.md',
    'study': 'docs/study/README.md',
    'weights': 'docs/how_to/weights.md',
    'yolo': 'docs/how_to/yolo.md',
}


def guide(name: str) -> str:
    """Return where the page of this name lies, from the root of a clone."""
    return _PAGES[name]
