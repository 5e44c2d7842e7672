"""The process that speaks with eSpeak NG, from the stage's side."""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
from pathlib import Path

from airdub.errors import EngineFailed
from model_images.common import espeak_library
from model_images.common.programs import start_program


class Speaker:
    """The process that speaks; started at the first request, again after a failed one."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.close)

    def ask(self, request: dict[str, object]) -> tuple[dict, bytes]:
        """Send a request; returns the answer's header and samples."""
        if self._process is None:
            program = [sys.executable, "-I", "-S", str(Path(espeak_library.__file__))]
            self._process = start_program(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            return self._exchange(self._process, json.dumps(request).encode() + b"\n")
        except (OSError, EOFError) as error:
            self.close()
            raise EngineFailed(
                f"espeak-ng failed on {str(request['text'])[:80]!r}",
                where=str(request["voice"]),
                remedy="see the log; change the line if the library can't speak it",
            ) from error

    @staticmethod
    def _exchange(process: subprocess.Popen[bytes], line: bytes) -> tuple[dict, bytes]:
        assert process.stdin is not None  # noqa: S101 - a pipe
        assert process.stdout is not None  # noqa: S101 - a pipe
        process.stdin.write(line)
        process.stdin.flush()
        header_line = process.stdout.readline()
        if not header_line.endswith(b"\n"):
            raise EOFError
        header = json.loads(header_line)
        data = process.stdout.read(header["bytes"])
        if len(data) != header["bytes"]:
            raise EOFError
        return header, data

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None
