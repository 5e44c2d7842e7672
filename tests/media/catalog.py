"""The samples: who says what, and how each is to be dubbed."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Line:
    """One line of a sample.

    Attributes:
        pause_ms: silence after the end of the line before; negative overlaps it.
        dub: what a script of the target language says instead, where the sample has one.
    """

    text: str
    pause_ms: int = 400
    speaker: str = ""
    dub: str = ""


@dataclass(frozen=True)
class Sample:
    """A sample video and the dub that is asked of it.

    Attributes:
        name: file name without suffix.
        source, target: languages, BCP-47.
        voices: `program:voice` by speaker.
        cast: speakers in front of the camera; the second is the disguised one.
        scripted: an SRT script lies beside the video.
        stem_supplied: the background lies beside it as a music-and-effects stem.
        bed_below_db: level of the background under the speech. At 12 dB even an oracle Wiener
            filter gives back a background under dense speech at 7-9 dB SI-SDR alone.
        shots: (first line, shot) pairs for a cast of two.
        demo: part of `make demo`; else for tests.
    """

    name: str
    title: str
    source: str
    target: str
    voices: dict[str, str]
    lines: tuple[Line, ...]
    scripted: bool = True
    stem_supplied: bool = False
    bed_below_db: float = 12.0
    cast: tuple[str, ...] = ("",)
    shots: tuple[tuple[int, str], ...] = field(default=((0, "both"),))
    demo: bool = True

    @property
    def dub_scripted(self) -> bool:
        """Whether an SRT script of the target language lies beside the video."""
        return any(line.dub for line in self.lines)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return (512, 512) if len(self.cast) == 1 else (768, 432)


SAMPLES = (
    Sample(
        name="maria",
        title="Spanish with a script, to English",
        source="es",
        target="en",
        voices={"": "espeak:roa/es+f2"},
        bed_below_db=9.0,
        lines=(
            Line("Buenos días y bienvenidos a nuestra casa.", 1050),
            Line("Soy María, y trabajo en una biblioteca muy antigua.", 1050),
            Line("Por la mañana abro las puertas y las ventanas.", 1250),
            Line("Los niños vienen por la tarde.", 1050),
            Line("Cuando llueve, la casa está llena de personas.", 1150),
        ),
    ),
    Sample(
        name="station",
        title="Spanish with scripts of both languages, to English; one line is too long to be said",
        source="es",
        target="en",
        voices={"": "espeak:roa/es+f2"},
        bed_below_db=9.0,
        lines=(
            Line("Buenas tardes a todos.", 1050, dub="Good afternoon, everybody."),
            # written to be read: four seconds of speech where there is room for two
            Line(
                "Hoy es un gran día.",
                1050,
                dub="Well, to tell you the truth, today is really a very great day for all of us.",
            ),
            Line(
                "Después de muchos años, el tren vuelve a nuestro pueblo.",
                1100,
                dub="After many years, the train is coming back to our village.",
            ),
            Line(
                "Los niños esperan en la estación.",
                1100,
                dub="The children are waiting at the station.",
            ),
            Line("Esta noche hay música y baile.", 1050, dub="Tonight there is music and dancing."),
        ),
    ),
    Sample(
        name="apollo",
        title="English without a script, recognised, to Spanish",
        source="en",
        target="es",
        voices={"": "flite:slt"},
        bed_below_db=10.0,
        scripted=False,
        lines=(
            Line("Everything was ready for the journey.", 700),
            Line("It was a great day for the country.", 800),
            Line("They came back with many stories.", 900),
            Line("The next journey will be very different.", 800),
            Line("Many people will go there in the future.", 900),
        ),
    ),
    Sample(
        name="duet",
        title="Two speakers and a music-and-effects stem, English to Catalan",
        source="en",
        target="ca",
        voices={"ANNA": "flite:slt", "BEN": "flite:rms"},
        cast=("ANNA", "BEN"),
        stem_supplied=True,
        lines=(
            Line("Good evening and welcome.", 700, "ANNA"),
            Line("It is a pleasure to be here.", 500, "BEN"),
            Line("Did you see the lights of the cities at night?", 600, "ANNA"),
            Line("Yes, I saw all the world.", 500, "BEN"),
            Line("Every day brings a new question.", 500, "BEN"),
            Line("And a new story.", -500, "ANNA"),
            Line("Thank you, and good night.", 600, "ANNA"),
        ),
        shots=((0, "both"), (2, "first"), (3, "second"), (5, "both")),
    ),
    Sample(
        name="short",
        title="One line, for the integration test",
        source="es",
        target="en",
        voices={"": "espeak:roa/es+f2"},
        bed_below_db=9.0,
        lines=(
            Line("Buenos días y bienvenidos.", 500),
            Line("Los niños vienen por la tarde.", 400),
        ),
        demo=False,
    ),
)
"""In the order of the demo."""
