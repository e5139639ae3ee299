"""What a plan must be, before anything is sampled or trained."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from regnet_plugin.core.number_checks import is_count, is_real
from regnet_plugin.population.runs.planning import check_recipe_name
from regnet_plugin.study.plan import Looks, Part, Schedules, Selection


def check_parts(parts: Sequence[Part]) -> None:
    """Refuse parts that could not be carried out, or would be carried out otherwise than they read.

    Raises:
        ValueError: naming the part.
    """
    keys = [part.key for part in parts]
    if len(set(keys)) < len(keys):
        raise ValueError(f'each part must have a key of its own, but they are {", ".join(keys)}')
    known = {part.key: part for part in parts}
    for part in parts:
        check_recipe_name(part.key)
        _check_numbers(part)
        if part.of:
            _check_source(part, part.of, known)
    _check_recipes(parts)


def _check_numbers(part: Part) -> None:
    if not is_count(part.size):
        raise ValueError(
            f'size must be a positive whole number, but that of {part.key} is {part.size!r}'
        )
    if not _is_interval(part.flops):
        raise ValueError(
            f'flops must be two positive numbers, the lower one first, but those of {part.key} are '
            f'{part.flops}'
        )
    _check_seeds(part.key, part.seeds)


def _is_interval(flops: Sequence[float]) -> bool:
    if len(flops) != 2 or not all(is_real(number) for number in flops):
        return False
    low, high = flops
    return 0 < low <= high


def _check_seeds(name: str, seeds: Sequence[int]) -> None:
    are_whole = all(seed == 0 or is_count(seed) for seed in seeds)
    if not seeds or not are_whole or len(set(seeds)) < len(seeds):
        raise ValueError(
            f'seeds must be whole numbers from 0, at least one and each once, but those of {name} '
            f'are {seeds}'
        )


def _check_source(part: Part, key: str, known: Mapping[str, Part]) -> None:
    """Refuse a part that trains networks of another one again which are not there.

    Args:
        part: that trains them again.
        key: of the other part.
        known: all parts by key.
    """
    source = known.get(key)
    if source is None:
        raise ValueError(f'of must name a part ({", ".join(known)}), but it is {key}')
    if source.of:
        raise ValueError(
            f'of must name a part that is sampled, but {key}, which {part.key} names, has '
            f'of={source.of}'
        )
    if part.size > source.size:
        raise ValueError(
            'size must be at most that of the part whose networks are trained again, '
            f'{source.size} of {key}, but that of {part.key} is {part.size}'
        )
    for name in ('space', 'flops'):
        if getattr(part, name) != getattr(source, name):
            raise ValueError(
                f'{name} must be that of the part whose networks are trained again, '
                f'{getattr(source, name)} of {key}, but that of {part.key} is {getattr(part, name)}'
            )


def _check_recipes(parts: Sequence[Part]) -> None:
    """Refuse parts whose runs would have the same folders."""
    trained = Counter((part.folder, part.recipe_name) for part in parts)
    for part in parts:
        number = trained[part.folder, part.recipe_name]
        if number > 1:
            raise ValueError(
                'parts with the same networks must have recipes of different names, but '
                f'{part.key} is one of {number} with {part.recipe_name}'
            )


def check_selection(selection: Selection, parts: Sequence[Part]) -> None:
    """Refuse a selection among networks that the plan does not train.

    Raises:
        ValueError: saying the rule and the values.
    """
    known = {part.key: part for part in parts}
    if selection.of not in known:
        raise ValueError(f'of must name a part ({", ".join(known)}), but it is {selection.of}')
    size = known[selection.of].size
    if not is_count(selection.among) or selection.among > size:
        raise ValueError(
            f'among must be from 1 to the size of {selection.of}, {size}, but it is '
            f'{selection.among!r}'
        )
    if not is_real(selection.flops) or not selection.flops > 0:
        raise ValueError(
            f'flops of the selection must be a positive number, but it is {selection.flops!r}'
        )
    _check_seeds('the selection', selection.seeds)


def check_schedules(schedules: Iterable[Schedules], parts: Sequence[Part]) -> None:
    """Refuse schedules of parts that the plan does not have, or that have different networks.

    Raises:
        ValueError: saying the rule and the keys.
    """
    known = {part.key: part for part in parts}
    for compared in schedules:
        keys = (compared.short, compared.long, compared.again)
        unknown = [key for key in keys if key not in known]
        if unknown:
            raise ValueError(
                f'schedules must name parts ({", ".join(known)}), but one is {unknown[0]}'
            )
        networks = {(known[key].folder, known[key].size) for key in keys}
        if len(networks) > 1 or len(set(keys)) < len(keys):
            raise ValueError(
                'schedules are compared by three parts with the same networks, but they are '
                f'{", ".join(keys)}'
            )


def check_looks(looks: Looks, parts: Sequence[Part]) -> None:
    """Refuse looks at parts that cannot be trained network by network.

    Raises:
        ValueError: saying the rule and the values.
    """
    known = {part.key: part for part in parts}
    for pair in looks.pairs:
        for key in pair:
            if key not in known:
                raise ValueError(
                    f'looks must be at parts ({", ".join(known)}), but one is at {key}'
                )
            part = known[key]
            if part.of or len(part.seeds) > 1 or part.size < looks.most:
                raise ValueError(
                    'a part that is looked at must be sampled itself, with one seed, and with at '
                    f'least {looks.most} networks, but that is not so of {key}'
                )
        if len(set(pair)) < len(pair):
            raise ValueError(f'looks must be at two different parts, but one is at {pair}')
    if not is_count(looks.every) or not is_count(looks.most) or looks.most % looks.every:
        raise ValueError(
            'every and most must be positive whole numbers, the second a multiple of the first, '
            f'but they are {looks.every!r} and {looks.most!r}'
        )
    others = set(looks.margins) - set(looks.pairs)
    if others:
        raise ValueError(
            f'margins must be of pairs that are looked at, but one is of {min(others)}'
        )
    margins = (looks.margin, *looks.margins.values())
    are_wide = all(margin > 0 for margin in margins)
    if not looks.pairs or not are_wide or not 0 < looks.confidence < 1:
        raise ValueError(
            'looks must be at one pair at least, with margins above 0 and a confidence between 0 '
            f'and 1, but they are {looks}'
        )


def check_names(parts: Sequence[Part]) -> None:
    """Refuse two parts of one name, which no table or legend could tell apart.

    Raises:
        ValueError: saying the names.
    """
    names = [part.name for part in parts]
    if len(set(names)) < len(names):
        raise ValueError(f'each part must have a name of its own, but they are {", ".join(names)}')
