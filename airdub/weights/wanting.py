"""Which engines want which files, and what a person has to accept before they are fetched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from airdub.engines import EngineSpec, Weights, find_engine, load_engines
from airdub.errors import InvalidInput, PolicyRefused
from airdub.profiles import load_profile
from airdub.weights.cache import ModelCache


@dataclass(frozen=True)
class Wanted:
    """A file of the cache, and the engines (`stage/name`) that use it."""

    weights: Weights
    engines: tuple[str, ...]


def choose_engines(engines: Iterable[str] = (), profiles: Iterable[str] = ()) -> list[EngineSpec]:
    """Engines by `stage/name`, and those that profiles use; all of the registry if none is named.

    Raises:
        InvalidInput: there is no such engine or profile.
    """
    named = [find_engine(*_parted(engine)) for engine in engines]
    used = [
        find_engine(stage, rule.engine)
        for profile in map(load_profile, profiles)
        for stage, rules in profile.stages.items()
        for rule in rules
    ]
    return [*named, *used] or list(load_engines().values())


def wanted_weights(specs: Iterable[EngineSpec]) -> list[Wanted]:
    """The files of the cache that engines use, each once, by their paths.

    Raises:
        InvalidInput: the registry states two contents for one path.
    """
    users: dict[str, list[str]] = {}
    files: dict[str, Weights] = {}
    for spec in specs:
        for weights in spec.weights.values():
            if weights.package:
                continue
            if files.setdefault(weights.path, weights).sha256 != weights.sha256:
                raise InvalidInput(
                    f"{weights.path} is stated with two contents",
                    where=f"engines.yaml, {spec.stage}/{spec.name}",
                    remedy="give each revision a path of its own",
                )
            users.setdefault(weights.path, []).append(f"{spec.stage}/{spec.name}")
    return [Wanted(files[path], tuple(dict.fromkeys(users[path]))) for path in sorted(files)]


def refuse_unaccepted(wanted: Iterable[Wanted], accepted: Iterable[str]) -> None:
    """Make sure that somebody accepted each licence that isn't known to allow commercial use.

    Raises:
        PolicyRefused: one was not.
    """
    known = set(accepted)
    open_ones = [
        one for one in wanted if not one.weights.commercial_use and one.weights.licence not in known
    ]
    if not open_ones:
        return
    licences = sorted({one.weights.licence for one in open_ones})
    raise PolicyRefused(
        f"not known to allow commercial use: {', '.join(licences)}",
        where=", ".join(f"{one.weights.path} ({one.weights.licence})" for one in open_ones),
        remedy="read them, then say "
        + " ".join(f"--accept-licence {licence}" for licence in licences)
        + "; or choose other engines by --engine or --profile",
    )


def refuse_unverified(cache: ModelCache, wanted: Iterable[Wanted]) -> None:
    """Make sure that somebody vouches for each file: its makers, or a person here.

    Raises:
        PolicyRefused: nobody does.
    """
    open_ones = [one.weights.path for one in wanted if cache.expected(one.weights) is None]
    if not open_ones:
        return
    raise PolicyRefused(
        "nobody has said yet which bytes are the right ones",
        where=", ".join(open_ones),
        remedy="see that their hosts are whom you trust, then say --accept-new: what is fetched "
        "is noted, and holds from then on",
    )


def _parted(engine: str) -> tuple[str, str]:
    stage, slash, name = engine.partition("/")
    if slash:
        return stage, name
    raise InvalidInput(f"{engine!r} is no engine", where="--engine", remedy="write STAGE/NAME")
