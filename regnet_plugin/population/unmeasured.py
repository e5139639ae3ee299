"""What an evaluation could not measure, and says so with a number."""
import re

_OF_COCO = re.compile(r'(^|[/_ ])m?A[PR][a-z]?($|[_@ \d])')  # coco/bbox_mAP_s, lvis/bbox_APr, coco/AR@100


def is_unmeasured(name: str, value: object) -> bool:
    """Whether a metric is COCO's -1: there was no object of this kind or size to be found."""
    return value == -1 and _OF_COCO.search(name) is not None
