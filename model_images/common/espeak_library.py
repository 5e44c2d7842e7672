"""eSpeak NG's C library by ctypes, and the process that speaks with it.

Run as a program (`python espeak_library.py`, nothing but the standard library is imported) it
reads one JSON request a line and answers each from a freshly forked copy of itself. The reason:
the library keeps oscillator phases and flutter from one utterance to the next, and terminating it
doesn't reset them, so in one process the same text gives other samples, even another length, after
another text. A fresh copy always gives the same samples, and a crash costs one line only.

C interface: espeak-ng's `src/include/espeak-ng/speak_lib.h` (1.51).
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import BinaryIO

LIBRARY = "libespeak-ng.so.1"
NATURAL_WORDS_PER_MINUTE = 175

_SYNCHRONOUS = 2
_PHONEME_EVENTS_IN_IPA = 0x1 | 0x2
_DO_NOT_EXIT = 0x8000
_UTF8 = 1
_BY_CHARACTER = 1
_RATE, _PITCH = 1, 3
_WORD_EVENT, _PHONEME_EVENT = 1, 7
_IPA_WITH_SEPARATOR = 0x02 | ord("_") << 8
_LONGEST_UTTERANCE_S = 120  # of work, not of sound: a library that hangs is ended
_PR_SET_PDEATHSIG = 1


class LibraryUnusableError(Exception):
    """The library, or its data, is not installed."""


@dataclass(frozen=True)
class Voice:
    """A voice of the library.

    Attributes:
        identifier: what `speak` takes, e.g. `roa/es-419`; `+f2` and the like may be appended.
        languages: tags in lower case with their priority, lower is better.
    """

    name: str
    identifier: str
    languages: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Event:
    """A word (`text` empty, see `position`) or phoneme that starts at a sample.

    Attributes:
        position, length: of the word in the text, in characters.
    """

    kind: str
    sample: int
    text: str = ""
    position: int = 0
    length: int = 0


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


class EspeakLibrary:
    """The loaded library. Its state is global: one per process, one call at a time.

    Raises:
        LibraryUnusableError: the library or its data is missing.
    """

    def __init__(self) -> None:
        try:
            self._c = ctypes.CDLL(LIBRARY)
        except OSError as error:
            raise LibraryUnusableError(str(error)) from error
        options = _PHONEME_EVENTS_IN_IPA | _DO_NOT_EXIT
        self.sample_rate_hz = int(self._c.espeak_Initialize(_SYNCHRONOUS, 0, None, options))
        if self.sample_rate_hz <= 0:
            raise LibraryUnusableError("the library finds no espeak-ng-data")
        self._c.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self._c.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
        self._sound: list[bytes] = []
        self._events: list[Event] = []
        self._callback = _Callback(self._collect)  # the library keeps a bare pointer to it
        self._c.espeak_SetSynthCallback(self._callback)

    def voices(self) -> list[Voice]:
        """All voices, variants left out."""
        return self._listed(None)

    def variants(self) -> list[str]:
        """Names that may follow a voice's identifier and `+`: `f2`, `m3`, ..."""
        wanted = _Voice(languages=ctypes.cast(ctypes.c_char_p(b"variant"), ctypes.c_void_p))
        return [voice.identifier.removeprefix("!v/") for voice in self._listed(wanted)]

    def _listed(self, wanted: _Voice | None) -> list[Voice]:
        pointers = self._c.espeak_ListVoices(wanted and ctypes.byref(wanted))
        found: list[Voice] = []
        while pointers[len(found)]:
            voice = pointers[len(found)].contents
            languages = tuple(_language_list(voice.languages))
            found.append(Voice(voice.name.decode(), voice.identifier.decode(), languages))
        return found

    def phonemes(self, text: str, voice: str) -> list[str]:
        """IPA tokens as the library writes them: stress marks, `(en)` switches and empty ones too.

        Raises:
            ValueError: there is no such voice.
        """
        self._use(voice)
        buffer = ctypes.create_string_buffer(_plain(text))
        cursor = ctypes.c_void_p(ctypes.addressof(buffer))
        tokens: list[str] = []
        while cursor.value:
            clause = self._c.espeak_TextToPhonemes(ctypes.byref(cursor), _UTF8, _IPA_WITH_SEPARATOR)
            for word in (clause or b"").decode("utf-8", "replace").split():
                tokens.extend(word.split("_"))
        return tokens

    def speak(
        self, text: str, voice: str, *, words_per_minute: int, pitch: int
    ) -> tuple[bytes, list[Event]]:
        """Signed 16-bit mono samples in the machine's order at `sample_rate_hz`, and the events.

        Args:
            words_per_minute: 80..450, natural is 175.
            pitch: 0..99, the voice's own is 50.

        Raises:
            ValueError: there is no such voice.
        """
        self._use(voice)
        self._c.espeak_SetParameter(_RATE, words_per_minute, 0)
        self._c.espeak_SetParameter(_PITCH, pitch, 0)
        self._sound, self._events = [], []
        data = _plain(text)
        status = self._c.espeak_Synth(data, len(data) + 1, 0, _BY_CHARACTER, 0, _UTF8, None, None)
        if status:
            raise RuntimeError(f"espeak_Synth ended with {status}")
        return b"".join(self._sound), self._events

    def _use(self, voice: str) -> None:
        if self._c.espeak_SetVoiceByName(voice.encode()):
            raise ValueError(f"espeak-ng has no voice {voice!r}")

    def _collect(self, samples: object, count: int, events: ctypes.Array[_Event]) -> int:
        if count > 0:
            self._sound.append(ctypes.string_at(samples, count * 2))
        index = 0
        while events[index].type:
            event = events[index]
            index += 1
            if event.type == _WORD_EVENT:
                place = event.text_position - 1, event.length
                self._events.append(Event("word", event.sample, "", *place))
            elif event.type == _PHONEME_EVENT:
                raw = ctypes.string_at(ctypes.addressof(event) + _Event.id.offset, 8)
                symbol = raw.split(b"\0", 1)[0].decode("utf-8", "ignore")
                self._events.append(Event("phoneme", event.sample, symbol))
        return 0


def _plain(text: str) -> bytes:
    """UTF-8 without control characters: U+0001 starts espeak's own commands, NUL ends the text."""
    spaces = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], " ")
    return text.translate(spaces).encode("utf-8", "replace")


def _language_list(address: int) -> Iterator[tuple[str, int]]:
    """Read a run of (priority byte, tag, NUL) that a zero byte ends."""
    while priority := ctypes.string_at(address, 1)[0]:
        tag = ctypes.string_at(address + 1)
        address += len(tag) + 2
        yield tag.decode(), priority


def serve(requests: BinaryIO, answers: BinaryIO) -> int:
    """Answer requests until their end; a request that fails ends the process with 1.

    A request is a JSON object with `speak`'s arguments. An answer is a JSON line with
    `sample_rate_hz`, `bytes` and `events`, followed by that many bytes of samples.
    """
    library = EspeakLibrary()
    for line in requests:
        child = os.fork()
        if child == 0:
            _answer(library, json.loads(line), answers)
        if os.waitpid(child, 0)[1] != 0:
            return 1
    return 0


def _answer(library: EspeakLibrary, request: dict[str, object], answers: BinaryIO) -> None:
    """Speak, write the answer and end this process."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.alarm(_LONGEST_UTTERANCE_S)
    status = 1
    try:
        samples, events = library.speak(**request)  # type: ignore[arg-type]
        header = {
            "sample_rate_hz": library.sample_rate_hz,
            "bytes": len(samples),
            "events": [asdict(event) for event in events],
        }
        answers.write(json.dumps(header).encode() + b"\n" + samples)
        answers.flush()
        status = 0
    finally:
        if status:
            sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
        os._exit(status)


if __name__ == "__main__":
    sys.exit(serve(sys.stdin.buffer, sys.stdout.buffer))
