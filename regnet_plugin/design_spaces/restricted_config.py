"""The config of a design space that a rule restricts, and how much of it the sampler rejects."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from pprint import pformat
from typing import Any

from regnet_plugin.core.complexity import COUNTS
from regnet_plugin.design_spaces.configuration import arguments_of, registered_family
from regnet_plugin.design_spaces.constraints import Constraints
from regnet_plugin.design_spaces.expressions import Expression, both
from regnet_plugin.design_spaces.parameter_space import ParameterSpace
from regnet_plugin.design_spaces.sampler import PATIENCE, Sampler, draw_block
from regnet_plugin.files import create

_SEED = 0  # of the candidates that are tried
# Networks that tell the acceptance rate within a tenth, and blocks in which they are looked for.
_ENOUGH, _MOST_BLOCKS = 200, 64


@dataclass(frozen=True)
class RestrictedSpace:
    """A design space with a rule that its networks keep.

    Attributes:
        space: itself, as its config makes it.
        whole: the space without the rule.
        described: its entry in a config.
        constraints: of its population.
    """

    space: ParameterSpace
    whole: ParameterSpace
    described: Mapping[str, Any]
    constraints: Constraints

    @classmethod
    def of(cls, manifest: Mapping[str, Any], where: str) -> 'RestrictedSpace':
        """Restrict the space that a population was sampled from.

        Args:
            manifest: of the population; what it says is read as data, and nothing is imported.
            where: the rule, beside the one that the space has.

        Raises:
            ValueError: if the space is not known, or the rule does not fit it.
        """
        described, constraints = manifest.get('space'), manifest.get('constraints')
        family = registered_family(described) if isinstance(described, dict) else None
        if not isinstance(described, dict) or family is None:
            raise ValueError(
                'the config of a restricted space is made for the families of this package; in '
                "that of another one it is design_space = dict(where='…')"
            )
        restricted = {**described, 'where': both(described.get('where'), where)}
        try:
            return cls(
                family(**arguments_of(restricted)),
                family(**arguments_of(described)),
                restricted,
                Constraints(**(constraints or {})),
            )
        except TypeError as error:  # a manifest that somebody wrote may have any entry
            raise ValueError(
                f'the space of a population must be one that there is: {error}'
            ) from None

    @property
    def config(self) -> str:
        """The text of its config, of literals only."""
        return _config_text(self.described, self.constraints)

    @property
    def constructed(self) -> dict[str, str]:
        """Orders in which the rule has parameters drawn, by their names: 'widths': 'increasing'."""
        found = {}
        for name, parameter in self.space.parameters.items():
            if parameter.order is not None and parameter.order != self.whole.parameters[name].order:
                found[name] = parameter.order
        return found

    def acceptance(self) -> 'Acceptance':
        """Try candidates.

        Raises:
            NoSuchNetworks: if none is accepted.
        """
        limited = Sampler(self.space, self.constraints, _SEED, patience=PATIENCE)
        made = keeping = accepted = 0
        for number in range(_MOST_BLOCKS):
            block = draw_block(self.space, limited.constraints, _SEED, number)
            made += block.networks
            keeping += block.keeping
            accepted += sum(len(part.networks) for part in block.accepted)
            if accepted >= _ENOUGH:
                break
        if not accepted:
            next(iter(limited))  # it looks further, and says what came nearest
        return Acceptance(keeping / max(1, made), accepted / ((number + 1) * self.space.candidates))


@dataclass(frozen=True)
class Acceptance:
    """Shares of what is drawn from a restricted space.

    Attributes:
        keeping: of the networks that keep its rule.
        accepted: of the candidates that keep rule and constraints.
    """

    keeping: float
    accepted: float


def write_restricted_config(manifest: Mapping[str, Any], where: str, path: str | Path) -> list[str]:
    """Write the config of a restricted space, and say how much of what is drawn it keeps.

    Args:
        manifest, where: see `RestrictedSpace.of`.
        path: of the config; one that is there is not replaced.

    Raises:
        ValueError: if the rule does not fit the space, or leaves nothing of it; or a file is there.
    """
    described = manifest.get('space')
    if isinstance(described, dict) and _is_over_config(described):
        return _write_restricted_base(manifest, described, where, path)
    restricted = RestrictedSpace.of(manifest, where)
    found = restricted.acceptance()
    if not create(path, restricted.config):
        raise ValueError(f'a config must be a new file, but {path} is there')
    by_order = ', '.join(f'{name} {order}' for name, order in restricted.constructed.items())
    return [
        f'drawn: {by_order or "as in the whole space"}; of these networks {found.keeping:.2%} keep '
        'the rule, the others are rejected',
        f'accepted: {found.accepted:.3g} of all candidates, which keep the rule and the '
        "population's constraints",
        f'{path}: {restricted.space.where}',
    ]


def _is_over_config(described: Mapping[str, Any]) -> bool:
    return str(described.get('type')).rpartition('.')[2] == 'ConfigSpace'


def _write_restricted_base(
    manifest: Mapping[str, Any], described: Mapping[str, Any], where: str, path: str | Path
) -> list[str]:
    """Write the config of a restricted space over a config.

    That base is a program, which a population's manifest does not make run: what the rule keeps is
    known when the space is sampled.

    Raises:
        ValueError: if the rule has other names than the space's parameters and the counts; or a
            file is there.
    """
    rule = both(described.get('where'), where)
    known = [*dict.fromkeys(manifest.get('uniforms') or ()), *COUNTS]
    for name in Expression(rule).names:
        if name not in known:
            raise ValueError(
                f'a rule of this space has the names {", ".join(known)}, but {rule!r} has {name}'
            )
    constraints = Constraints(**(manifest.get('constraints') or {}))
    if not create(path, _config_text({**described, 'where': rule}, constraints)):
        raise ValueError(f'a config must be a new file, but {path} is there')
    return [f'{path}: {rule}']


def _config_text(described: Mapping[str, Any], constraints: Constraints) -> str:
    """The text of a restricted space's config."""
    bounds = constraints.to_dict()
    text = f'"""A design space restricted to networks with {described["where"]}."""\n\n'
    text += f'design_space = {_literal(described)}\n'
    return text + (f'constraints = {_literal(bounds)}\n' if bounds else '')


def _literal(values: Mapping[str, Any]) -> str:
    return pformat(values, width=100, sort_dicts=False)
