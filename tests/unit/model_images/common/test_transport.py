"""A transport stream that was cut is told from one that was finished, wherever the cut is."""

import av
import pytest

from model_images.common.transport import ends_within_a_picture
from tests.media.clips import ffmpeg, picture

VIDEO = ("-f", "lavfi", "-i", "sine=d=2", "-c:v", "mpeg2video", "-c:a", "mp2", "-f", "mpegts")


@pytest.mark.parametrize(("blu_ray", "stride"), [("0", 188), ("1", 192)])
def test_whole_and_cut(blu_ray, stride, tmp_path):
    clip = ffmpeg([*picture(), *VIDEO, "-mpegts_m2ts_mode", blu_ray], tmp_path / "clip.m2ts")
    with av.open(str(clip)) as container:
        pid = container.streams.video[0].id
        places = [packet.pos for packet in container.demux(video=0) if packet.size > 2000]
    assert not ends_within_a_picture(clip, pid)
    data = clip.read_bytes()
    assert len(data) % stride == 0
    for cut in (places[1] + 3 * stride, places[1] + 3 * stride + 50, places[1] + stride):
        (tmp_path / "cut.ts").write_bytes(data[:cut])
        assert ends_within_a_picture(tmp_path / "cut.ts", pid)


def test_what_is_no_transport_stream(tmp_path):
    (tmp_path / "noise.ts").write_bytes(bytes(1000))
    assert not ends_within_a_picture(tmp_path / "noise.ts", 256)
    (tmp_path / "empty.ts").write_bytes(b"")
    assert not ends_within_a_picture(tmp_path / "empty.ts", 256)
