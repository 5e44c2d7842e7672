"""The registry of engines (`engines.yaml`) and what an environment has of what they need."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from airdub.artifacts import checked_key
from airdub.errors import DependencyUnavailable, InvalidInput
from airdub.model import Document
from airdub.requests import EngineRef

REGISTRY = Path(__file__).with_name("engines.yaml")

COMMERCIAL_LICENCES = ("Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC-BY-4.0", "CC0-1.0", "MIT")
"""Licences of weights (SPDX) that are known to allow commercial use."""


MADE_BY = {"stages": "make setup", "neural": "make neural"}
"""What makes each environment."""


class Weights(Document):
    """A weights file: a package carries it, or it lies in the model cache.

    Attributes:
        path: below site-packages, or below the model cache. There a path never changes its bytes:
            another revision gets another path.
        sha256: of the file; "" where nobody knows it, which only an unverified one may have.
        bytes: None where nobody knows it.
        licence: SPDX identifier.
        package: Python package whose wheel carries the file.
        url: where `airdub weights fetch` gets it.
        page: where a person gets it who then runs `airdub weights import`: no URL gives the file.
        unverified: its sha256 doesn't come from those who made the file, and nobody here has seen
            it. What a person accepts is what it is from then on.
        optional: the engine uses it where it is there (a pair of languages, a converted copy), and
            it is stated then.
    """

    path: str
    sha256: str = Field("", pattern=r"^([0-9a-f]{64})?$")
    bytes: int | None = Field(None, gt=0)
    licence: str = Field(min_length=1)
    package: str = ""
    url: str = Field("", pattern=r"^(https?://[^\s@]+)?$")
    page: str = Field("", pattern=r"^(https?://[^\s@]+)?$")
    unverified: bool = False
    optional: bool = False

    @property
    def commercial_use(self) -> bool:
        """Whether the licence is known to allow it."""
        return self.licence in COMMERCIAL_LICENCES

    @model_validator(mode="after")
    def _is_in_one_place(self) -> Weights:
        try:
            checked_key(self.path)
        except InvalidInput as error:
            raise ValueError(str(error)) from error
        if sum(map(bool, (self.package, self.url, self.page))) != 1:
            raise ValueError("weights come with a package, from a url, or by a person from a page")
        if not (self.sha256 or self.unverified) or (self.package and self.unverified):
            raise ValueError("weights without a sha256 are unverified, those of packages never")
        return self


class EngineSpec(Document):
    """An engine as the registry states it.

    Attributes:
        version: revision of our engine code: raise it whenever the output may change.
        programs: executables by the Debian package that brings them; libraries have the package
            alone, with an empty executable.
        packages: Python distributions whose version may change the output.
        environment: of Python packages that it runs in: `stages`, which `make setup` makes, or
            `neural` with PyTorch and its like, which `make neural` makes.
        optional_packages: Debian packages of which an engine uses those that are there (language
            data); their versions are stated when present.
        consent: the use of a person (`airdub.consents.Use`) that the engine makes: its stage takes
            `consented`, and touches nobody else; "" none.
        takes: how many different takes of one line a synthesis engine gives.
        inputs: optional input ports of its stage that engines get only where they name them: what
            an engine doesn't read must not change its requests.
    """

    stage: str
    name: str
    version: str = "1"
    summary: str
    programs: dict[str, str] = Field(default_factory=dict)
    packages: tuple[str, ...] = ()
    optional_packages: tuple[str, ...] = ()
    weights: dict[str, Weights] = Field(default_factory=dict)
    licence: str
    commercial_use: bool = True
    environment: Literal["stages", "neural"] = "stages"
    consent: Literal["", "voice", "likeness"] = ""
    takes: int = Field(1, ge=1)
    inputs: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _allows_what_its_weights_allow(self) -> EngineSpec:
        for name, weights in self.weights.items():
            if self.commercial_use and not weights.commercial_use:
                raise ValueError(
                    f"{weights.licence} of {name} isn't known to allow commercial use: say "
                    "commercial_use: false, or add it to COMMERCIAL_LICENCES"
                )
        return self

    @property
    def image(self) -> str:
        """Name of the container image that it runs in, as `track-faces-stages`."""
        return f"{self.stage.replace('_', '-')}-{self.environment}"


class Environment(Document):
    """What was found where stages run.

    Attributes:
        programs: version by Debian package name.
        packages: version by Python distribution name.
        weights: sha256 by weights name; of unverified ones once a person has accepted them.
        others: what was found in this machine's further environments, by their names (`neural`).
        images: what was found in each image, by its name; with them, all fields above are empty.
    """

    programs: dict[str, str] = Field(default_factory=dict)
    packages: dict[str, str] = Field(default_factory=dict)
    weights: dict[str, str] = Field(default_factory=dict)
    others: dict[str, Environment] = Field(default_factory=dict)
    images: dict[str, Environment] = Field(default_factory=dict)

    def of(self, spec: EngineSpec) -> Environment:
        """What the engine would find where it runs."""
        return self.images.get(spec.image, self.others.get(spec.environment, self))


@cache
def load_engines() -> dict[tuple[str, str], EngineSpec]:
    """Every engine by (stage, name), in the registry's order."""
    import yaml

    registry = yaml.safe_load(REGISTRY.read_text())
    return {
        (stage, name): EngineSpec(stage=stage, name=name, **_with_files(fields))
        for stage, engines in registry.items()
        for name, fields in engines.items()
    }


def _with_files(fields: dict[str, Any]) -> dict[str, Any]:
    """The entry's `repositories`, folders of `files` that share all but their names, as weights."""
    weights = dict(fields.get("weights", {}))
    for folder, stated in fields.get("repositories", {}).items():
        shared = {key: value for key, value in stated.items() if key not in ("files", "url")}
        for file in stated["files"]:
            url = f"{stated['url']}/{file}" if "url" in stated else ""
            weights[f"{folder}/{file}"] = {**shared, "path": f"{folder}/{file}", "url": url}
    rest = {key: value for key, value in fields.items() if key != "repositories"}
    return {**rest, "weights": weights}


def find_engine(stage: str, name: str) -> EngineSpec:
    """The registry's entry.

    Raises:
        InvalidInput: the stage has no engine of that name.
    """
    try:
        return load_engines()[stage, name]
    except KeyError:
        known = [engine for at, engine in load_engines() if at == stage]
        raise InvalidInput(
            f"{stage} has no engine {name!r}",
            where="engines.yaml",
            remedy=f"choose one of: {', '.join(known) or 'none, the stage is unknown'}",
        ) from None


def unread_inputs(spec: EngineSpec) -> frozenset[str]:
    """Input ports that other engines of its stage name, and this one doesn't."""
    named = (one.inputs for one in load_engines().values() if one.stage == spec.stage)
    return frozenset(port for ports in named for port in ports) - set(spec.inputs)


def missing_needs(spec: EngineSpec, environment: Environment) -> list[str]:
    """What the engine needs and the environment lacks, in words; empty when it can run."""
    if environment.images and spec.image not in environment.images:
        return [f"image {spec.image}"]
    on_volume = bool(environment.images)
    environment = environment.of(spec)
    lacks = [f"Debian package {name}" for name in spec.programs if name not in environment.programs]
    lacks += [
        f"Python package {name}" for name in spec.packages if name not in environment.packages
    ]
    for name, weights in spec.weights.items():
        if weights.sha256 and not weights.package and on_volume:
            continue  # no image has them: the pod's runner looks whether its volume does
        found = environment.weights.get(name)
        if found is None and not weights.optional:
            lacks.append(f"weights {name}")
        elif found not in (None, weights.sha256) and not weights.unverified:
            lacks.append(f"weights {name} with sha256 {weights.sha256} (found {found})")
    return lacks


def resolve_engine(stage: str, name: str, environment: Environment) -> EngineRef:
    """The engine with the versions that this environment would run.

    Raises:
        InvalidInput: there is no such engine.
        DependencyUnavailable: the environment lacks something that it needs.
    """
    spec = find_engine(stage, name)
    if lacks := missing_needs(spec, environment):
        raise DependencyUnavailable(
            f"the engine lacks {', '.join(lacks)}",
            where=f"{stage}/{name}",
            remedy=f"run `{MADE_BY[spec.environment]}` (for pods `make images`), for weights "
            f"`airdub weights fetch --engine {stage}/{name}`; `airdub doctor` lists what lacks",
        )
    there = environment.of(spec)
    wanted = [*spec.programs, *spec.optional_packages]
    versions = {pkg: there.programs[pkg] for pkg in wanted if pkg in there.programs}
    versions |= {package: there.packages[package] for package in spec.packages}
    return EngineRef(
        name=name,
        version=spec.version,
        programs=versions,
        weights={
            name: there.weights.get(name, weights.sha256)
            for name, weights in spec.weights.items()
            if name in there.weights or not weights.optional
        },
    )
