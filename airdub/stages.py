"""Every stage's contract: named inputs, named outputs, parameters and resources."""

from __future__ import annotations

from pydantic import Field

from airdub.model import Document


class Port(Document):
    """A named input or output of a stage.

    Attributes:
        bulky: an output that takes much room for what it costs to make again: sound of the whole
            title, or its picture. Sweeping removes it once nobody needs it; the others stay.
    """

    name: str
    media_type: str
    optional: bool = False
    bulky: bool = False


class Resources(Document):
    """What a stage asks of the machine it runs on; not part of any fingerprint.

    Sizes are in MiB. A profile may ask for others (`Profile.resources`).

    Attributes:
        shm_mb: /dev/shm, beside `memory_mb`.
        scratch_mb: disk for temporary files.
        growth: factor on memory, /dev/shm and disk after each try that ran out of them.
        node_class: kind of node (`airdub/node_classes.yaml`); "" means `gpu` with GPUs, else `cpu`.
    """

    cpus: float = Field(1.0, gt=0)
    memory_mb: int = Field(2048, gt=0)
    gpus: int = Field(0, ge=0)
    shm_mb: int = Field(64, gt=0)
    scratch_mb: int = Field(10_240, gt=0)
    growth: float = Field(2.0, ge=1)
    node_class: str = ""
    timeout_s: int = Field(6 * 3600, gt=0)


class StageSpec(Document):
    """A stage: a pure function over artifacts.

    Attributes:
        chunked: its work is cut into chunks, which Spark spreads (docs/adr/0027).
    """

    name: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    resources: Resources = Resources()
    chunked: bool = False
    languages: tuple[str, ...] = ()
    """Which of `source_language`, `target_language` are parameters of the stage."""

    def input(self, name: str) -> Port:
        """The input port of that name. Raises KeyError when there is none."""
        return {port.name: port for port in self.inputs}[name]

    def output(self, name: str) -> Port:
        """The output port of that name; `take/...` style families match their first part."""
        ports = {port.name: port for port in self.outputs}
        return ports.get(name) or ports[name.split("/", 1)[0] + "/*"]


JSON = "application/json"
WAV = "audio/wav"
VIDEO = "video/*"
SRT = "application/x-subrip"
VTT = "text/vtt"
NPZ = "application/x-npz"


def _port(name: str, media_type: str, *, optional: bool = False) -> Port:
    return Port(name=name, media_type=media_type, optional=optional)


def _bulky(name: str, media_type: str, *, optional: bool = False) -> Port:
    return Port(name=name, media_type=media_type, optional=optional, bulky=True)


_SOURCE = _port("source", VIDEO)
_FACTS = _port("facts", JSON)

STAGES: dict[str, StageSpec] = {
    spec.name: spec
    for spec in (
        StageSpec(
            name="probe",
            inputs=(_SOURCE,),
            outputs=(_FACTS,),
            languages=("source_language",),
        ),
        StageSpec(
            name="extract_audio",
            inputs=(_SOURCE, _FACTS),
            outputs=(_bulky("original", WAV), _bulky("mono_44k", WAV), _bulky("mono_16k", WAV)),
        ),
        StageSpec(
            name="track_faces",
            inputs=(_SOURCE, _FACTS, _port("mono_16k", WAV)),
            outputs=(_port("faces", JSON), _port("landmarks", NPZ)),
            resources=Resources(cpus=2),
            chunked=True,
        ),
        StageSpec(
            name="separate",
            inputs=(
                _port("original", WAV),
                _port("mono_16k", WAV),
                _port("background_stem", WAV, optional=True),
                _port("dialogue_stem", WAV, optional=True),
            ),
            outputs=(_bulky("dialogue", WAV), _bulky("background", WAV), _port("speech", JSON)),
        ),
        StageSpec(
            name="transcribe",
            inputs=(
                _FACTS,
                _port("mono_16k", WAV),
                _port("speech", JSON),
                _port("dialogue", WAV, optional=True),
                _port("script", "text/*", optional=True),
            ),
            outputs=(_port("transcript", JSON),),
            languages=("source_language",),
        ),
        StageSpec(
            name="translate",
            inputs=(
                _port("transcript", JSON),
                _port("target_script", "text/*", optional=True),
                _port("glossary", "text/*", optional=True),
                _port("series_glossary", "text/*", optional=True),
                _port("approved", JSON, optional=True),
            ),
            outputs=(_port("lines", JSON),),
            languages=("source_language", "target_language"),
        ),
        StageSpec(
            name="synthesize",
            inputs=(
                _port("transcript", JSON),
                _port("lines", JSON),
                _port("dialogue", WAV, optional=True),
            ),
            outputs=(_port("takes", JSON), _port("take/*", WAV, optional=True)),
            languages=("target_language",),
        ),
        StageSpec(
            name="convert_voice",
            inputs=(_port("transcript", JSON), _port("takes", JSON), _port("dialogue", WAV)),
            outputs=(_port("takes", JSON), _port("take/*", WAV, optional=True)),
        ),
        StageSpec(
            name="mix",
            inputs=(
                _FACTS,
                _port("transcript", JSON),
                _port("lines", JSON),
                _port("takes", JSON),
                _port("faces", JSON, optional=True),
                _port("speech", JSON, optional=True),
                _port("original", WAV),
                _port("dialogue", WAV),
                _port("background", WAV),
            ),
            outputs=(
                _bulky("mix", WAV),
                _bulky("dialogue_stem", WAV),
                _port("placements", JSON),
                _port("subtitles_srt", SRT),
                _port("subtitles_vtt", VTT),
                _port("source_subtitles_srt", SRT),
            ),
        ),
        StageSpec(
            name="lipsync",
            inputs=(
                _SOURCE,
                _FACTS,
                _port("faces", JSON),
                _port("landmarks", NPZ),
                _port("placements", JSON),
                _port("dialogue_stem", WAV, optional=True),
            ),
            outputs=(_bulky("video", VIDEO, optional=True), _port("lips", JSON)),
            resources=Resources(cpus=2, memory_mb=4096),
            chunked=True,
            languages=("target_language",),
        ),
        StageSpec(
            name="mux",
            inputs=(
                _SOURCE,
                _FACTS,
                _port("mix", WAV),
                _port("video", VIDEO, optional=True),
                _port("subtitles_srt", SRT),
                _port("source_subtitles_srt", SRT),
            ),
            outputs=(_bulky("deliverable", VIDEO),),
            languages=("source_language", "target_language"),
        ),
        StageSpec(
            name="evaluate",
            inputs=(
                _port("deliverable", VIDEO),
                _SOURCE,
                _FACTS,
                _port("original", WAV),
                _port("mono_16k", WAV),
                _port("speech", JSON),
                _port("dialogue", WAV),
                _port("background", WAV),
                _port("transcript", JSON),
                _port("lines", JSON),
                _port("takes", JSON),
                _port("placements", JSON),
                _port("dialogue_stem", WAV),
                _port("faces", JSON),
                _port("landmarks", NPZ),
                _port("lips", JSON),
                _port("reference", "text/*", optional=True),
            ),
            outputs=(_port("metrics", JSON),),
            resources=Resources(cpus=1, memory_mb=4096),
            languages=("source_language", "target_language"),
        ),
    )
}
