"""Every stage's contract: named inputs, named outputs, parameters and resources."""

from __future__ import annotations

from airdub.model import Document


class Port(Document):
    """A named input or output of a stage."""

    name: str
    media_type: str
    optional: bool = False


class Resources(Document):
    """What a stage asks of the machine it runs on; not part of any fingerprint."""

    cpus: float = 1.0
    memory_mb: int = 2048
    gpus: int = 0
    timeout_s: int = 6 * 3600


class StageSpec(Document):
    """A stage: a pure function over artifacts."""

    name: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    resources: Resources = Resources()
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
            outputs=(_port("original", WAV), _port("mono_44k", WAV), _port("mono_16k", WAV)),
        ),
        StageSpec(
            name="track_faces",
            inputs=(_SOURCE, _FACTS, _port("mono_16k", WAV)),
            outputs=(_port("faces", JSON), _port("landmarks", NPZ)),
            resources=Resources(cpus=2),
        ),
        StageSpec(
            name="separate",
            inputs=(
                _port("original", WAV),
                _port("mono_16k", WAV),
                _port("background_stem", WAV, optional=True),
                _port("dialogue_stem", WAV, optional=True),
            ),
            outputs=(_port("dialogue", WAV), _port("background", WAV), _port("speech", JSON)),
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
                _port("mix", WAV),
                _port("dialogue_stem", WAV),
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
            ),
            outputs=(_port("video", VIDEO, optional=True), _port("lips", JSON)),
            resources=Resources(cpus=2, memory_mb=4096),
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
            outputs=(_port("deliverable", VIDEO),),
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
