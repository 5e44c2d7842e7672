import { memo, useEffect, useLayoutEffect, useRef, useState } from "react";
import { clock } from "../times.js";
import { TONES } from "../verdicts.js";
import { boxes, columns, comfortableZoom, heightOf, rulerStep } from "../waveform.js";

const ROW = 64;
const RULER = 18;
const CLOSEST = 200; // pixels per second
const THIN = 8; // pixels: no room for a border and a name
const ROWS = [
  { side: "source", top: RULER },
  { side: "dub", top: RULER + ROW + 6 },
];

// Both dialogues and their lines over time. A click on a line plays it, elsewhere it seeks.
export function Timeline({ run, peaks, tones, player, selected, onPlay }) {
  const scroller = useRef(null);
  const [view, setView] = useState({ width: 0, left: 0 });
  const [chosen, setChosen] = useState(0); // 0: nobody chose yet
  const fit = view.width / run.duration_s;
  const zoom = chosen || comfortableZoom(fit);
  const scale = Math.min(fit * zoom, Math.max(fit, CLOSEST));

  useLayoutEffect(() => {
    const element = scroller.current;
    const look = () => setView({ width: element.clientWidth, left: element.scrollLeft });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, []);

  // the playhead stays in sight, also when the scale changes
  useEffect(() => {
    const at = player.time * scale;
    const element = scroller.current;
    if (at < element.scrollLeft || at > element.scrollLeft + element.clientWidth) {
      element.scrollLeft = at - element.clientWidth / 4;
    }
  }, [player.time, scale]);

  const seek = (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    player.seek(Math.min(run.duration_s, Math.max(0, (event.clientX - box.left) / scale)));
  };

  return (
    <section className="card timeline" aria-label="Time line">
      <header>
        <h2>Time line</h2>
        <Legend />
        <div className="zoom" role="group" aria-label="Zoom">
          <button type="button" disabled={zoom <= 1} onClick={() => setChosen(1)}>
            all
          </button>
          <button type="button" disabled={zoom <= 1} onClick={() => setChosen(zoom / 2)}>
            −<span className="unseen"> zoom out</span>
          </button>
          <button
            type="button"
            disabled={fit * zoom >= CLOSEST}
            onClick={() => setChosen(zoom * 2)}
          >
            +<span className="unseen"> zoom in</span>
          </button>
        </div>
      </header>
      <div className="scroller" ref={scroller}>
        {/* lines are buttons in the table below too: this is their picture */}
        <div className="strip" style={{ width: scale * run.duration_s }} onClick={seek}>
          <Strip
            run={run}
            peaks={peaks}
            tones={tones}
            selected={selected}
            onPlay={onPlay}
            view={view}
            scale={scale}
          />
          <div className="playhead" style={{ left: player.time * scale }} />
        </div>
      </div>
    </section>
  );
}

// All that stands still while the playhead moves.
const Strip = memo(function Strip({ run, peaks, tones, selected, onPlay, view, scale }) {
  const from = view.left / scale;
  const to = from + view.width / scale;
  return (
    <>
      <Ruler from={from} to={to} scale={scale} />
      {ROWS.map(({ side, top }) => (
        <div key={side}>
          <Wave peaks={peaks[side]} side={side} top={top} from={from} to={to} view={view} />
          {boxes(run.lines, side, from, to).map(({ line, start, end }) => (
            <button
              key={line.id}
              type="button"
              tabIndex={-1}
              className={[
                "line",
                tones.get(line.id),
                line.id === selected && "selected",
                (end - start) * scale < THIN && "thin",
              ]
                .filter(Boolean)
                .join(" ")}
              style={{ left: start * scale, width: (end - start) * scale, top, height: ROW }}
              title={`${line.id}: ${side === "source" ? line.text : line.target_text}`}
              onClick={(event) => {
                event.stopPropagation();
                onPlay(line);
              }}
            >
              <span>{line.id}</span>
            </button>
          ))}
        </div>
      ))}
    </>
  );
});

function Wave({ peaks, side, top, from, to, view }) {
  if (!peaks || !view.width) return null;
  const heights = columns(peaks, from, to, view.width).map((peak) => (heightOf(peak) * ROW) / 2);
  const upper = Array.from(heights, (height, x) => `${x} ${ROW / 2 - height}`);
  const lower = Array.from(heights, (height, x) => `${x} ${ROW / 2 + height}`).reverse();
  return (
    <svg
      className={`wave ${side}`}
      width={view.width}
      height={ROW}
      style={{ left: view.left, top }}
      role="img"
      aria-label={`Waveform of the ${side === "source" ? "source's" : "dub's"} dialogue`}
    >
      <path d={`M${[...upper, ...lower].join("L")}Z`} />
    </svg>
  );
}

function Ruler({ from, to, scale }) {
  const step = rulerStep(scale);
  const marks = [];
  for (let at = Math.ceil(from / step) * step; at <= to && scale > 0; at += step) marks.push(at);
  return marks.map((at) => (
    <span key={at} className="mark" style={{ left: at * scale }}>
      {clock(at, step < 1 ? 1 : 0)}
    </span>
  ));
}

function Legend() {
  return (
    <ul className="legend">
      {Object.entries(TONES).map(([tone, { sign, text }]) => (
        <li key={tone} className={tone}>
          <span aria-hidden="true">{sign}</span> {text}
        </li>
      ))}
    </ul>
  );
}
