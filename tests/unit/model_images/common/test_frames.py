"""Frames that a reader gives by seeking are those of a plain pass: numbers, times and pixels."""

import hashlib
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from airdub.errors import InvalidInput
from airdub.media import VideoFacts
from model_images.common import frames
from model_images.common.frames import FrameReader, frame_table
from model_images.common.pictures import Picture, open_stream, read_pictures
from tests.media.clips import CLIPS, ffmpeg, picture
from tests.noise_clips import entry

X264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-threads", "1")
B_FRAMES = (*X264, "-bf", "3", "-x264-params", "b-adapt=0:keyint=12:scenecut=0")
OPEN_GOP = (*X264, "-bf", "3", "-x264-params", "open-gop=1:b-adapt=0:keyint=12:scenecut=0")
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params")
X265 += ("log-level=error:pools=1:frame-threads=1:info=0:open-gop=1:bframes=3:keyint=12",)
MPEG2 = ("-c:v", "mpeg2video", "-bf", "2", "-g", "12")
REALTIME = ("-deadline", "realtime", "-cpu-used", "8", "-g", "10")


def made(path: Path, *options: str) -> Path:
    """Two seconds of a moving picture."""
    return ffmpeg([*picture(), *options], path)


def cut_in(source: Path, *options: str) -> Path:
    """The clip from 0.7 s on, copied: an edit list hides what only has to be decoded."""
    target = source.with_name(f"cut-{source.name}")
    return ffmpeg(["-ss", "0.7", "-i", str(source), "-c", "copy", *options], target)


def beheaded(path: Path) -> Path:
    """A broadcast that was switched on in the middle: no keyframe for some frames."""
    data = made(path, *OPEN_GOP).read_bytes()
    path.write_bytes(data[188 * (len(data) // 188 // 5) :])
    return path


def torn(path: Path, *options: str, whole: int = 1) -> Path:
    """A recording that ends within a picture, at a multiple of so many bytes."""
    data = made(path, *options).read_bytes()
    path.write_bytes(data[: len(data) * 83 // 100 // whole * whole])
    return path


def twice(path: Path) -> Path:
    """Two recordings one after the other in one file: times jump back."""
    path.write_bytes(made(path, *B_FRAMES).read_bytes() * 2)
    return path


def rewrapped(path: Path, change, *options: str) -> Path:
    """A clip whose packets were changed by a function of their number and themselves."""
    whole = made(path.with_name(f"whole-{path.name}"), *options)
    with av.open(str(whole)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        packets = [packet for packet in source.demux(video=0) if packet.size]
        for number, packet in enumerate(packets):
            new = change(number, packet)
            new.pts, new.dts, new.time_base = packet.pts, packet.dts, packet.time_base
            new.duration, new.stream = packet.duration, stream
            target.mux(new)
    return path


def lying(path: Path, *options: str) -> Path:
    """A clip in which every frame is called a keyframe."""

    def key(_, packet):
        packet.is_keyframe = True
        return packet

    return rewrapped(path, key, *options, "-g", "20")


def not_coded(path: Path) -> Path:
    """MPEG-4 with packets that say no more than: nothing new (Xvid)."""

    def silent(number, packet):
        data = bytes(packet)
        if number in (5, 23, 24, 44):
            bits = "".join(f"{byte:08b}" for byte in data[4:12])
            at = bits.index("0", 2) + 8  # after kind, seconds, a marker, 5 bits of time, a marker
            header = f"{bits[:at]}00"  # not coded
            header += "1" * (-len(header) % 8)
            data = data[:4] + int(header, 2).to_bytes(len(header) // 8)
        new = av.Packet(data)
        new.is_keyframe = packet.is_keyframe
        return new

    return rewrapped(path, silent, "-c:v", "mpeg4", "-g", "10")


SEEKABLE = {
    "variable.mp4": CLIPS["variable_rate"],
    "rotated.mp4": CLIPS["rotated"],
    "bframes.mp4": lambda path: made(path, *B_FRAMES),
    "open.mp4": lambda path: made(path, *OPEN_GOP),
    "open.ts": lambda path: made(path, *OPEN_GOP),
    "open.mkv": lambda path: made(path, *OPEN_GOP),
    "open.mov": lambda path: made(path, *X265, "-tag:v", "hvc1"),
    "hevc.ts": lambda path: made(path, *X265),
    "mpeg2.ts": lambda path: made(path, *MPEG2),
    "onekey.mp4": lambda path: made(path, *X264, "-g", "1000"),
    "refresh.ts": lambda path: made(path, *X264, "-x264-params", "intra-refresh=1:keyint=15"),
    "late.mkv": lambda path: made(path, *B_FRAMES, "-output_ts_offset", "7"),
    "intra.mov": lambda path: made(path, "-c:v", "mjpeg"),
    "vp9.webm": lambda path: made(path, "-c:v", "libvpx-vp9", *REALTIME),
    "edited.mp4": lambda path: cut_in(made(path, *B_FRAMES)),
    "beheaded.ts": beheaded,
    "torn.ts": lambda path: torn(path, *OPEN_GOP),
    "torn_between.ts": lambda path: torn(path, *B_FRAMES, whole=188),
    "torn_hevc.ts": lambda path: torn(path, *X265),
    "torn_mpeg2.ts": lambda path: torn(path, *MPEG2),
    "torn.avi": lambda path: torn(path, "-c:v", "mjpeg"),
    "torn.flv": lambda path: torn(path, *B_FRAMES),
    "vp8.webm": lambda path: made(path, "-c:v", "libvpx", *REALTIME),
    "not_coded.mp4": not_coded,
    "lying.mp4": lambda path: lying(path, "-c:v", "mpeg4"),
    "lying.flv": lambda path: lying(path, "-c:v", "flv"),
}
COUNTED = {
    "no_times.avi": lambda path: made(path, *B_FRAMES),
    "raw.h264": lambda path: made(path, *B_FRAMES),
    "twice.ts": twice,
}


def facts_of(source: Path) -> VideoFacts:
    """What the readers need to know, by ffprobe."""
    width, height = (int(entry(source, "v:0", name)) for name in ("width", "height"))
    return VideoFacts(
        index=0,
        codec=entry(source, "v:0", "codec_name"),
        width=width,
        height=height,
        frame_rate="25/1",
        time_base=entry(source, "v:0", "time_base"),
        frames=0,
        pixel_format=entry(source, "v:0", "pix_fmt"),
        rotation=90 if "rotated" in source.name else 0,
    )


def seen(pictures) -> list[tuple]:
    """Number, times and pixels of pictures."""
    return [(p.index, p.pts, p.tick, p.interlaced, pixels(p)) for p in pictures]


def pixels(shown: Picture) -> str:
    """A digest of the planes."""
    return hashlib.sha256(b"".join(plane.tobytes() for plane in shown.planes)).hexdigest()


@pytest.mark.parametrize("name", [*SEEKABLE, *COUNTED])
def test_spans_are_those_of_a_plain_pass(name, tmp_path):
    source = (SEEKABLE | COUNTED)[name](tmp_path / name)
    facts = facts_of(source)
    plain = seen(read_pictures(source, facts))
    table = frame_table(source, facts)
    assert table.seekable == (name in SEEKABLE)
    assert table.pts.tolist() == [pts for _, pts, *_ in plain]
    with FrameReader(source, facts, table) as reader:
        for first, end in spans(len(table)):
            assert seen(reader.read(first, end)) == plain[first:end]


def spans(length: int) -> list[tuple[int, int]]:
    """Consecutive spans, then others in any order, single frames and the ends among them."""
    rng = np.random.default_rng(length)
    edges = np.unique([0, length, *rng.integers(1, length, 4)]).tolist()
    others = np.sort(rng.integers(0, length + 1, (6, 2))).tolist()
    return [*pairwise(edges), *map(tuple, others), (length - 1, length), (0, 1), (length, length)]


def test_only_the_frames_from_the_keyframe_on_are_decoded(tmp_path, monkeypatch):
    source = SEEKABLE["open.mkv"](tmp_path / "open.mkv")
    facts = facts_of(source)
    table = frame_table(source, facts)
    monkeypatch.setattr(frames, "read_pictures", None)  # no pass from the first frame on
    opened = []
    monkeypatch.setattr(frames, "open_stream", lambda *a: opened.append(1) or open_stream(*a))
    with FrameReader(source, facts, table) as reader:
        assert [p.index for p in reader.read(26, 30)] == [26, 27, 28, 29]
        assert [p.index for p in reader.read(33, 35)] == [33, 34]
        assert len(opened) == 1
        assert [p.index for p in reader.read(49, 50)] == [49]
        assert len(opened) == 2


def test_a_reader_that_was_left_in_the_middle_gives_the_next_span_right(tmp_path):
    source = SEEKABLE["bframes.mp4"](tmp_path / "bframes.mp4")
    facts = facts_of(source)
    with FrameReader(source, facts, frame_table(source, facts)) as reader:
        next(reader.read(3, 20))
        assert [p.index for p in reader.read(5, 7)] == [5, 6]
        next(reader.read(20, 30))
        assert [p.index for p in reader.read(2, 4)] == [2, 3]


def spoilt(path: Path, frame: int) -> Path:
    """A clip in which the data of one frame of 50 is noise, slices' headers included."""
    made(path, "-c:v", "mjpeg")
    with av.open(str(path)) as container:
        packet = next(p for n, p in enumerate(container.demux(video=0)) if n == frame)
        place, size = packet.pos, packet.size
    data = bytearray(path.read_bytes())
    data[place : place + size] = bytes(size)
    path.write_bytes(data)
    return path


def test_a_frame_that_cannot_be_decoded_is_named_and_shifts_no_other(tmp_path):
    whole = seen(pictures_of(made(tmp_path / "whole.mov", "-c:v", "mjpeg")))
    source = spoilt(tmp_path / "spoilt.mov", 20)
    facts = facts_of(tmp_path / "whole.mov")
    with FrameReader(source, facts, frame_table(tmp_path / "whole.mov", facts)) as reader:
        assert seen(reader.read(0, 20)) == whole[:20]
        with pytest.raises(
            InvalidInput, match=r"spoilt\.mov, frame 20: the video can't be decoded"
        ):
            list(reader.read(15, 30))
        assert seen(reader.read(21, 50)) == whole[21:]


def hurt(path: Path, *options: str) -> Path:
    """A clip with noise in the second half of five pictures."""
    rng = np.random.default_rng(1)

    def noise(number, packet):
        data = bytearray(bytes(packet))
        if 24 < number < 30:
            data[len(data) // 2 :] = rng.integers(1, 256, -(-len(data) // 2), np.uint8).tobytes()
        new = av.Packet(bytes(data))
        new.is_keyframe = packet.is_keyframe
        return new

    return rewrapped(path, noise, *options)


@pytest.mark.parametrize("first", [0, 12, 24])
def test_damage_is_refused_wherever_decoding_began(first, tmp_path):
    whole, source = tmp_path / "whole-hurt.mkv", hurt(tmp_path / "hurt.mkv", *MPEG2)
    facts = facts_of(source)
    table = frame_table(whole, facts)
    with FrameReader(source, facts, table) as reader:
        assert seen(reader.read(0, 20)) == seen(pictures_of(whole))[:20]
        assert seen(reader.read(38, 50)) == seen(pictures_of(whole))[38:]
        with pytest.raises(InvalidInput, match=r"hurt\.mkv, frame 2\d: .*-crf 16"):
            list(reader.read(first, 36))
    with pytest.raises(InvalidInput, match=r"hurt\.mkv, frame 2\d"):
        list(pictures_of(source))


def test_a_copy_of_what_was_cut_ends_before_the_torn_picture(tmp_path):
    source, copy = torn(tmp_path / "torn.ts", *B_FRAMES), tmp_path / "copy.mp4"
    ffmpeg(["-i", str(source), "-c", "copy"], copy)
    shown = [pixels(picture) for picture in pictures_of(copy)]
    assert shown == [pixels(picture) for picture in pictures_of(source)]


def test_a_copy_as_the_remedy_says_is_taken(tmp_path):
    source, target = hurt(tmp_path / "hurt.mkv", *MPEG2), tmp_path / "new.mkv"
    ffmpeg(["-i", str(source), "-c:v", "libx264", "-crf", "16", "-c:a", "copy"], target)
    facts = facts_of(target)
    table = frame_table(target, facts)
    with FrameReader(target, facts, table) as reader:
        assert len(list(reader.read(0, len(table)))) == len(table) >= 48


def test_a_file_that_ends_early_is_refused_at_its_last_frame(tmp_path):
    source, short = tmp_path / "whole.mp4", tmp_path / "short.mp4"
    made(source, *B_FRAMES, "-movflags", "+faststart")
    short.write_bytes(source.read_bytes()[: source.stat().st_size * 2 // 3])
    facts = facts_of(source)
    with (
        FrameReader(short, facts, frame_table(source, facts)) as reader,
        pytest.raises(InvalidInput, match=r"short\.mp4, frame 3\d: the video can't be decoded"),
    ):
        list(reader.read(12, 50))


def test_another_size_in_the_middle_is_refused(tmp_path):
    for name, size in (("a", "160x120"), ("b", "80x60")):
        ffmpeg([*picture(size), "-c:v", "mjpeg"], tmp_path / f"{name}.mov")
    (tmp_path / "list").write_text("file a.mov\nfile b.mov\n")
    source = ffmpeg(
        ["-f", "concat", "-i", str(tmp_path / "list"), "-c", "copy"], tmp_path / "both.mov"
    )
    facts = facts_of(source)
    with FrameReader(source, facts, frame_table(source, facts)) as reader:
        assert len(list(reader.read(0, 50))) == 50
        with pytest.raises(InvalidInput, match=r"both\.mov, frame [56]0: .* from 160x120 to 80x60"):
            list(reader.read(60, 70))


@pytest.mark.parametrize("span", [(-1, 2), (3, 2), (0, 51)])
def test_frames_that_are_not_there(span, tmp_path):
    source = SEEKABLE["onekey.mp4"](tmp_path / "onekey.mp4")
    facts = facts_of(source)
    with (
        FrameReader(source, facts, frame_table(source, facts)) as reader,
        pytest.raises(ValueError, match="no frames"),
    ):
        list(reader.read(*span))


def test_what_is_no_video_has_no_table(tmp_path):
    facts = facts_of(SEEKABLE["onekey.mp4"](tmp_path / "onekey.mp4"))
    (tmp_path / "noise.mp4").write_bytes(np.random.default_rng(0).bytes(4096))
    with pytest.raises(InvalidInput, match=r"noise\.mp4, frame 0"):
        frame_table(tmp_path / "noise.mp4", facts)


def pictures_of(source: Path):
    """A plain pass."""
    return read_pictures(source, facts_of(source))
