"""A script beside the video: what is said is known, when it is said is refined by the detector."""

from __future__ import annotations

from airdub.errors import InvalidInput
from airdub.subtitles.reading import read_script
from airdub.subtitles.segments import to_segments
from airdub.transcript import Segment
from airdub.units import ticks_to_seconds
from model_images.transcribe.protocol import Job
from model_images.transcribe.snapping import snap


def transcribe(job: Job) -> tuple[Segment, ...]:
    """Read the script and snap its cues to speech; `Transcriber.transcribe` says the rest."""
    if job.script is None:
        raise InvalidInput(
            "there is no script of the spoken language",
            where="script",
            remedy="put one beside the video: NAME.srt, NAME.vtt or NAME.ttml",
        )
    script = read_script(
        job.script,
        language=job.language,
        duration=job.facts.duration_ticks,
        frame_rate=job.facts.video.rate,
        start_timecode=job.facts.timecode,
    )
    if script.offset:
        at_s = ticks_to_seconds(script.offset)
        job.warn(f"the script's times begin at {at_s:.2f} s; they were moved to the first frame")
    segments, silent = snap(to_segments(script), job.speech, job.facts.duration_ticks)
    job.progress(len(segments), len(segments), "cues")
    if silent:
        shown = ", ".join(silent[:10]) + (", ..." if len(silent) > 10 else "")
        job.warn(f"no speech was heard under these cues, which keep their times: {shown}")
    return segments
