"""MediaPipe's BlazeFace and Face Mesh, run by OpenCV."""

from __future__ import annotations

from model_images.common.face_mesh import FaceMesh, Points, RgbFrame, region_of

MIN_PRESENCE = 0.5


class TfliteFaces:
    """A `FaceEngine` on MediaPipe's networks; about 4 ms a face and frame on one core."""

    def __init__(self) -> None:
        self._networks = FaceMesh()

    def find(self, frame: RgbFrame) -> list[Points]:
        """Meshes of all faces; a detection counts when the mesh network confirms it twice."""
        meshes = []
        for hit in self._networks.detect(frame):
            points, presence = self._networks.mesh(frame, hit.region)
            refined = self.follow(frame, points) if presence >= MIN_PRESENCE else None
            if refined is not None:
                meshes.append(refined)
        return meshes

    def follow(self, frame: RgbFrame, last: Points) -> Points | None:
        """The mesh where the last one was, unless the network says that no face is there."""
        points, presence = self._networks.mesh(frame, region_of(last))
        return points if presence >= MIN_PRESENCE else None


def load() -> TfliteFaces:
    """The engine."""
    return TfliteFaces()
