"""What `track_faces` asks of an engine."""

from __future__ import annotations

from typing import Protocol

from model_images.common.face_mesh import Points, RgbFrame


class FaceEngine(Protocol):
    """Finds faces and follows them. Frames are uint8 (height, width, 3) RGB, upright.

    Meshes are float32 (468, 3): x, y in pixels of the frame, z in the same scale, numbered as
    MediaPipe's canonical face mesh.
    """

    def find(self, frame: RgbFrame) -> list[Points]:
        """Meshes of all faces in a frame, best first."""

    def follow(self, frame: RgbFrame, last: Points) -> Points | None:
        """The mesh of a face whose mesh in the frame before is known; None when it is gone."""
