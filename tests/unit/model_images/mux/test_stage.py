"""Deliverables of real clips: the source's picture and sound, the dub in its place."""

import json
import subprocess
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile

from airdub.disclosure import DIGITAL_SOURCE_TYPE, NAMESPACE
from airdub.errors import EngineFailed
from model_images.common.boxes import file_boxes
from model_images.common.ffmpeg import measure_loudness, probe_json
from model_images.mux.mp4_tracks import extended_languages
from model_images.mux.stage import run, trim
from model_images.mux.xmp import read_xmp
from tests.builders import stage_context
from tests.noise_clips import (
    H264,
    MP4,
    aligned_sound,
    entry,
    ffmpeg,
    lag_samples,
    make_clip,
    noise_wav,
    picture,
    probed,
)


def muxed(clip, folder, *, gain=1.0, video=None, target="es-419", channels=1, cues=True):
    """The deliverable, the context, the facts and the mix of a clip."""
    facts = probed(clip, folder)
    mix = noise_wav(folder / "mix.wav", facts.duration_ticks / 48_000, channels=channels, seed=99)
    samples, _ = soundfile.read(mix, always_2d=True)
    samples = (samples * gain).clip(-0.999, 0.999)[: facts.duration_ticks]
    soundfile.write(mix, samples, 48_000, subtype="PCM_24")
    inputs = {"source": clip, "facts": facts, "mix": mix, "dialogue_stem": mix}
    for name, text in (("subtitles_srt", "¡Hola!"), ("source_subtitles_srt", "Hello!")):
        path = folder / f"{name}.srt"
        path.write_text(f"1\n00:00:00,500 --> 00:00:01,000\n{text}\n" if cues else "")
        inputs[name] = path
    inputs["subtitles_vtt"] = inputs["subtitles_srt"]
    if video:
        inputs["video"] = video
    parameters = {"source_language": "en", "target_language": target}
    context = stage_context(folder / "mux", "mux", "ffmpeg", parameters, inputs)
    run(context)
    (ref,) = context.store_outputs().values()
    return context._store.local_path(ref.key), context, facts, samples


def packet_hash(path, stream):
    command = ["ffmpeg", "-v", "error", "-i", path, "-map", f"0:{stream}", "-c", "copy"]
    done = subprocess.run([*command, "-f", "md5", "-"], capture_output=True, check=True)
    return done.stdout


def frame_pts(path, stream="v:0"):
    command = ["ffprobe", "-v", "error", "-select_streams", stream, "-of", "csv=p=0"]
    command += ["-show_entries", "frame=pts_time", path]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    return [float(line.strip(",")) for line in done.stdout.split()]


def test_picture_and_original_sound_are_the_sources_own_packets(tmp_path):
    clip = make_clip(tmp_path / "clip.mp4", video=picture("24000/1001"))
    deliverable, context, facts, _ = muxed(clip, tmp_path)
    assert packet_hash(deliverable, "v:0") == packet_hash(clip, "v:0")
    assert packet_hash(deliverable, "a:1") == packet_hash(clip, "a:0")
    measured = context.measurements
    assert measured["frames"] == facts.video.frames == 48
    assert measured["duration_s"] == pytest.approx(48 * 1001 / 24000, abs=1e-6)
    assert measured["picture"] == "copied"
    assert context.warnings == []


def test_tracks_are_labelled_and_the_dub_is_the_default(tmp_path):
    deliverable, _, _, _ = muxed(make_clip(tmp_path / "clip.mp4"), tmp_path)
    streams = probe_json(deliverable)["streams"]
    found = [
        (
            stream["codec_name"],
            stream["tags"]["language"],
            stream["tags"]["handler_name"],
            stream["disposition"]["default"],
            stream["disposition"]["forced"],
        )
        for stream in streams
    ]
    assert found == [
        ("h264", "und", "Picture", 1, 0),
        ("aac", "spa", "Dub (es-419)", 1, 0),
        ("aac", "eng", "Original (en)", 0, 0),
        ("mov_text", "spa", "Subtitles (es-419)", 0, 0),
        ("mov_text", "eng", "Subtitles (en)", 0, 0),
    ]
    assert streams[1]["disposition"]["dub"] == 1
    assert extended_languages(deliverable) == ["", "es-419", "", "es-419", ""]
    kinds = [box.kind for box in file_boxes(deliverable)]
    assert kinds.index(b"moov") < kinds.index(b"mdat")
    command = ["ffmpeg", "-v", "error", "-i", deliverable, "-map", "0:s:0", "-f", "srt", "-"]
    words = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    assert "00:00:00,500 --> 00:00:01,000\n¡Hola!" in words


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".mp4", MP4),
        (".mkv", MP4),
        (".ts", MP4),
        (".mkv", (*H264, "-c:a", "libopus")),
        (".mkv", (*H264, "-c:a", "libvorbis")),
        (".mov", (*H264, "-c:a", "pcm_s16le")),
        (".webm", ("-c:v", "libvpx", "-b:v", "200k", "-c:a", "libopus")),
    ],
)
def test_neither_dub_nor_original_moves_against_the_picture(tmp_path, suffix, options):
    noise = noise_wav(tmp_path / "noise.wav")
    clip = make_clip(tmp_path / f"clip{suffix}", audio=noise, options=options)
    deliverable, _, facts, mix = muxed(clip, tmp_path)
    dub = aligned_sound(deliverable, 0)[:, 0]
    # Matroska's clock has milliseconds, MP4's ours samples
    slack = 48 if deliverable.suffix == ".mkv" else 1
    assert abs(lag_samples(mix[:, 0], dub)) <= slack
    before, after = aligned_sound(clip, 0)[:, 0], aligned_sound(deliverable, 1)[:, 0]
    assert abs(lag_samples(before, after)) <= 48
    assert len(frame_pts(deliverable)) == facts.video.frames == 50


@pytest.mark.parametrize("offset_ms", [480, -320])
def test_an_original_that_begins_later_or_earlier_stays_where_it_was(tmp_path, offset_ms):
    video = picture() if offset_ms >= 0 else ("-itsoffset", f"{-offset_ms}ms", *picture())
    before = ("-itsoffset", f"{max(0, offset_ms)}ms")
    clip = make_clip(
        tmp_path / "clip.mp4",
        video=video,
        before_audio=before,
        options=("-vsync", "passthrough", "-movie_timescale", "48000", *MP4),
    )
    deliverable, _, _, mix = muxed(clip, tmp_path)
    assert abs(lag_samples(mix[:, 0], aligned_sound(deliverable, 0)[:, 0])) <= 1
    source, copied = aligned_sound(clip, 0)[:, 0], aligned_sound(deliverable, 1)[:, 0]
    assert abs(lag_samples(source, copied)) <= 1
    assert packet_hash(deliverable, "a:1") == packet_hash(clip, "a:0")
    assert frame_pts(deliverable)[0] == 0


def test_a_variable_rate_keeps_its_times(tmp_path):
    options = ("-vf", "select=mod(n\\,3)", "-vsync", "vfr", *MP4)
    clip = make_clip(tmp_path / "clip.mp4", video=picture("30"), options=options)
    deliverable, _, _, _ = muxed(clip, tmp_path)
    before, after = (np.array(frame_pts(path)) for path in (clip, deliverable))
    assert np.abs((before - before[0]) - (after - after[0])).max() < 1e-4


def test_frames_hidden_by_an_edit_stay_hidden(tmp_path):
    long, cut = make_clip(tmp_path / "long.mp4", video=picture(duration_s=4)), tmp_path / "cut.mp4"
    ffmpeg("-ss", "0.6", "-i", long, "-c", "copy", cut)
    deliverable, context, _, mix = muxed(cut, tmp_path)
    assert context.measurements["frames"] == 85
    assert len(frame_pts(deliverable)) == 85
    assert abs(lag_samples(mix[:, 0], aligned_sound(deliverable, 0)[:, 0])) <= 1


def test_rotation_chapters_and_oblong_pixels_are_kept(tmp_path):
    marks, upright = tmp_path / "marks.txt", tmp_path / "upright.mp4"
    marks.write_text(
        ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=900\ntitle=Uno\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=900\nEND=2000\ntitle=Dos\n"
    )
    make_clip(upright, options=("-vf", "setsar=4/3", *MP4))
    clip = tmp_path / "clip.mp4"
    ffmpeg("-i", upright, "-i", marks, "-map_metadata", "1", "-c", "copy", "-metadata:s:v",
           "rotate=90", clip)  # fmt: skip
    deliverable, _, source, _ = muxed(clip, tmp_path)
    after = probed(deliverable, tmp_path / "after")
    assert source.video.rotation in (90, 270)
    assert after.video == source.video
    assert [chapter.title for chapter in after.chapters] == ["Uno", "Dos"]
    assert after.chapters == source.chapters


def test_ten_bit_hdr_is_kept(tmp_path):
    clip = make_clip(
        tmp_path / "clip.mkv",
        options=(
            *("-c:v", "libx265", "-x265-params", "log-level=none:pools=1", "-preset", "ultrafast"),
            *("-pix_fmt", "yuv420p10le", "-color_primaries", "bt2020"),
            *("-color_trc", "smpte2084", "-colorspace", "bt2020nc", "-c:a", "aac"),
        ),
    )
    deliverable, _, _, _ = muxed(clip, tmp_path)
    video = probed(deliverable, tmp_path / "after").video
    assert (video.codec, video.bit_depth, video.hdr, video.color_space) == (
        "hevc",
        10,
        True,
        "bt2020nc",
    )
    assert entry(deliverable, "v:0", "codec_tag_string") == "hvc1"


def test_5_1_in_gives_5_1_out(tmp_path):
    clip = make_clip(tmp_path / "clip.mp4")
    deliverable, _, _, mix = muxed(clip, tmp_path, channels=6)
    assert entry(deliverable, "a:0", "channel_layout") == "5.1"
    dub = aligned_sound(deliverable, 0)
    for channel in (0, 1, 2, 4, 5):  # the LFE is band-limited by AAC
        assert abs(lag_samples(mix[:, channel], dub[:, channel])) <= 1, channel


def test_what_mp4_can_not_hold_goes_to_matroska_with_the_reason(tmp_path):
    clip = make_clip(tmp_path / "clip.mov", options=(*H264, "-c:a", "pcm_s16le"))
    deliverable, context, _, _ = muxed(clip, tmp_path)
    assert deliverable.suffix == ".mkv"
    assert context.warnings == [
        "MP4 can't hold the source's pcm_s16le sound: the deliverable is a Matroska file"
    ]
    assert entry(deliverable, "a:1", "codec_name") == "pcm_s16le"
    assert packet_hash(deliverable, "v:0") == packet_hash(clip, "v:0")
    assert [entry(deliverable, f"s:{number}", "codec_name") for number in (0, 1)] == ["subrip"] * 2


def test_loudness_and_peak_are_those_of_the_encoded_track(tmp_path):
    deliverable, context, _, _ = muxed(make_clip(tmp_path / "clip.mp4"), tmp_path)
    found = measure_loudness(deliverable, "0:a:0")
    assert context.measurements["loudness_lufs"] == found.integrated_lufs
    assert context.measurements["true_peak_dbtp"] == found.true_peak_dbtp
    assert -25 < found.integrated_lufs < -15
    assert context.measurements["trim_db"] == 0


def test_a_dub_over_the_limit_is_turned_down_within_the_tolerance_and_told(tmp_path):
    clip = make_clip(tmp_path / "clip.mp4")
    _, context, _, _ = muxed(clip, tmp_path / "a", gain=8.0)
    assert context.measurements["trim_db"] == 0.5
    assert context.measurements["true_peak_dbtp"] > -1
    assert "above the limit of -1.0 dBTP" in context.warnings[0]


@pytest.mark.parametrize(
    ("peak", "expected"), [(None, 0.0), (-1.0, 0.0), (-0.8, 0.3), (-0.6, 0.5), (3.0, 0.5)]
)
def test_the_trim_is_the_excess_and_never_more_than_the_tolerance(peak, expected):
    assert trim(peak, -1.0, 0.5) == expected


def test_subtitles_without_cues_have_no_track(tmp_path):
    deliverable, context, _, _ = muxed(make_clip(tmp_path / "clip.mp4"), tmp_path, cues=False)
    assert len(probe_json(deliverable)["streams"]) == 3
    assert "has no cue" in context.warnings[0]


def test_the_same_inputs_give_the_same_bytes(tmp_path):
    clip = make_clip(tmp_path / "clip.mp4")
    one, other = (muxed(clip, tmp_path / folder)[0].read_bytes() for folder in "ab")
    assert one == other


def new_picture(clip, path, *filters):
    """What lipsync gives: every frame anew, upright, at the source's own times."""
    options = ("-vf", ",".join(("negate", *filters)), "-vsync", "passthrough", "-copyts")
    clock = ("-enc_time_base", "-1", "-movie_timescale", "48000")
    ffmpeg("-i", clip, "-map", "0:v", *options, *H264, "-bf", "2", *clock, path)
    return path


def test_a_lip_synced_picture_takes_the_sources_place_and_times(tmp_path):
    options = ("-vf", "setsar=4/3", *MP4, "-colorspace", "bt709", "-color_primaries", "bt709")
    clip = make_clip(tmp_path / "clip.mp4", video=picture("30000/1001"), options=options)
    lips = new_picture(clip, tmp_path / "lips.mp4")
    deliverable, context, source, _ = muxed(clip, tmp_path, video=lips)
    after = probed(deliverable, tmp_path / "after").video
    assert packet_hash(deliverable, "v:0") == packet_hash(lips, "v:0")
    assert packet_hash(deliverable, "a:1") == packet_hash(clip, "a:0")
    assert context.measurements["picture"] == "lip-synced"
    assert after.frame_rate == "30000/1001"
    assert after.frames == source.video.frames
    assert after.sample_aspect_ratio == "4/3"
    assert after.color_primaries == "bt709"
    assert np.allclose(frame_pts(deliverable), frame_pts(clip), atol=1e-5)


def test_a_lip_synced_picture_at_a_variable_rate_keeps_its_times(tmp_path):
    options = ("-vf", "select=mod(n\\,3)", "-vsync", "vfr", *MP4)
    clip = make_clip(tmp_path / "clip.mp4", video=picture("30"), options=options)
    lips = new_picture(clip, tmp_path / "lips.mp4")
    deliverable, _, _, _ = muxed(clip, tmp_path, video=lips)
    before, after = (np.array(frame_pts(path)) for path in (clip, deliverable))
    assert np.abs((before - before[0]) - (after - after[0])).max() < 1e-4


def test_an_upright_lip_synced_picture_of_a_turned_source_is_not_turned_again(tmp_path):
    upright, clip = make_clip(tmp_path / "upright.mp4"), tmp_path / "clip.mp4"
    ffmpeg("-i", upright, "-c", "copy", "-metadata:s:v", "rotate=90", clip)
    lips = new_picture(clip, tmp_path / "lips.mp4")  # ffmpeg turns it upright
    deliverable, _, _, _ = muxed(clip, tmp_path, video=lips)
    after = probed(deliverable, tmp_path / "after").video
    assert (after.width, after.height, after.rotation) == (120, 160, 0)


def test_a_picture_of_another_size_or_length_is_refused(tmp_path):
    clip = make_clip(tmp_path / "clip.mp4")
    small = new_picture(clip, tmp_path / "small.mp4", "scale=80:60")
    with pytest.raises(EngineFailed, match=r"input video: .* 80x60, not 160x120"):
        muxed(clip, tmp_path / "a", video=small)
    short = new_picture(clip, tmp_path / "short.mp4", "trim=end_frame=40")
    with pytest.raises(EngineFailed, match="40 frames instead of 50"):
        muxed(clip, tmp_path / "b", video=short)


def test_a_mix_of_another_length_is_refused(tmp_path):
    clip = make_clip(tmp_path / "clip.mp4")
    facts = probed(clip, tmp_path)
    words = tmp_path / "words.srt"
    words.write_text("")
    short = noise_wav(tmp_path / "short.wav", 1.0)
    names = ("subtitles_srt", "subtitles_vtt", "source_subtitles_srt")
    inputs = {"source": clip, "facts": facts, "mix": short, **dict.fromkeys(names, words)}
    parameters = {"source_language": "en", "target_language": "es"}
    with pytest.raises(EngineFailed, match="input mix: the mix has 48000 samples"):
        run(stage_context(tmp_path, "mux", "ffmpeg", parameters, inputs))


def format_tags(path, *options):
    command = ["ffprobe", "-v", "error", *options, "-of", "json", "-show_format", path]
    done = subprocess.run(command, capture_output=True, check=True)
    return json.loads(done.stdout)["format"]["tags"]


def disclosed(packet):
    """Term, synthetic parts and language of an XMP packet."""
    (about,) = ElementTree.fromstring(packet)[0]  # noqa: S314 - we wrote it
    term, parts, language = about
    assert [element.tag for element in about] == [
        "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType",
        f"{{{NAMESPACE}}}synthetic",
        f"{{{NAMESPACE}}}language",
    ]
    return term.text, [item.text for item in parts[0]], language.text


@pytest.mark.parametrize("lips", [False, True])
def test_an_mp4_says_what_of_it_is_synthetic(tmp_path, lips):
    clip = make_clip(tmp_path / "clip.mp4")
    video = new_picture(clip, tmp_path / "lips.mp4") if lips else None
    deliverable, _, _, _ = muxed(clip, tmp_path, video=video)
    tags = format_tags(deliverable, "-export_xmp", "1")
    words = ", and lips were changed to match it" if lips else ""
    text = f"The Spanish speech of this video (es-419) is synthetic{words}. {DIGITAL_SOURCE_TYPE}"
    assert tags["comment"] == text
    parts = ["speech", "lips"] if lips else ["speech"]
    assert disclosed(tags["xmp"]) == (DIGITAL_SOURCE_TYPE, parts, "es-419")
    assert read_xmp(deliverable) == [tags["xmp"].encode()]
    kinds = [box.kind for box in file_boxes(deliverable)]
    assert (kinds.index(b"moov") < kinds.index(b"mdat"), kinds[-1]) == (True, b"uuid")


def test_a_matroska_file_says_what_of_it_is_synthetic(tmp_path):
    clip = make_clip(tmp_path / "clip.mov", options=(*H264, "-c:a", "pcm_s16le"))
    deliverable, _, _, _ = muxed(clip, tmp_path)
    tags = format_tags(deliverable)
    assert tags["COMMENT"].startswith("The Spanish speech of this video (es-419) is synthetic. ")
    assert tags["DIGITAL_SOURCE_TYPE"] == DIGITAL_SOURCE_TYPE
    assert (tags["SYNTHETIC"], tags["SYNTHETIC_LANGUAGE"]) == ("speech", "es-419")


def test_what_a_source_says_of_itself_does_not_stand_in_for_it(tmp_path):
    clip, said = make_clip(tmp_path / "clip.mp4"), tmp_path / "said.mp4"
    ffmpeg("-i", clip, "-c", "copy", "-metadata", "comment=digitally captured", said)
    deliverable, _, _, _ = muxed(said, tmp_path)
    assert "captured" not in json.dumps(format_tags(deliverable, "-export_xmp", "1"))
