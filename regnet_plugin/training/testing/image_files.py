"""Images that a person names on the command line: by themselves, or by their folders."""

from collections.abc import Iterator, Sequence
from pathlib import Path

SUFFIXES = ('.jpg', '.jpeg', '.png', '.ppm', '.bmp', '.pgm', '.tif', '.tiff', '.webp')


def images_in(places: Sequence[str]) -> Iterator[tuple[Path, Path]]:
    """Yield images, named by themselves or in folders and below, in the order of names.

    Yields:
        the path of an image, and its path within what was named.

    Raises:
        ValueError: if there is no such file or folder, or a folder holds no images.
    """
    for place in map(Path, places):
        if place.is_dir():
            found = sorted(path for path in place.rglob('*') if _is_image(path))
            if not found:
                raise ValueError(
                    f'a folder must hold images, {", ".join(SUFFIXES)}, but {place} holds none'
                )
            for path in found:
                yield path, path.relative_to(place)
        elif place.is_file():
            yield place, Path(place.name)
        else:
            raise ValueError(f'an image must be a file, but there is none at {place}')


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and path.is_file()
