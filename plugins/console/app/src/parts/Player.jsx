import { useEffect, useRef, useState } from "react";
import { fileUrl } from "../api.js";
import { clock } from "../times.js";

const SIDES = [
  { side: "source", label: "Source" },
  { side: "dub", label: "Dub" },
];

export function Player({ run, player }) {
  return (
    <section className="card player" aria-label="Video">
      <div className="screen">
        {SIDES.map(({ side }) => (
          <Video key={side} run={run} side={side} player={player} />
        ))}
      </div>
      <div className="controls">
        <div className="switch" role="group" aria-label="Which sound and picture">
          {SIDES.map(({ side, label }) => (
            <button
              key={side}
              type="button"
              aria-pressed={player.side === side}
              onClick={() => player.show(side)}
            >
              {label} · {side === "source" ? run.source_language : run.language}
            </button>
          ))}
        </div>
        <span className="clock">
          {clock(player.time)} / {clock(run.duration_s)}
        </span>
        {player.blocked && <span className="note">Your browser wants a click: press play.</span>}
      </div>
    </section>
  );
}

function Video({ run, side, player }) {
  const [broken, setBroken] = useState(false);
  const { ref, ...events } = player.events(side);
  const has = (name) => run.files.includes(name);
  useSourceCues(ref, side === "source" ? run.lines : null, run.source_language);
  return (
    <>
      <video
        ref={ref}
        className={player.side === side ? "shown" : "hidden"}
        aria-hidden={player.side !== side}
        tabIndex={player.side === side ? 0 : -1}
        controls
        playsInline
        preload="metadata"
        {...events}
      >
        {/* a picture that this browser can't show leaves the sound */}
        {has(side) && <source src={fileUrl(run.run_id, side)} />}
        {has(`${side}_sound`) && (
          <source src={fileUrl(run.run_id, `${side}_sound`)} onError={() => setBroken(true)} />
        )}
        {side === "dub" && has("subtitles") && (
          <track
            kind="subtitles"
            src={fileUrl(run.run_id, "subtitles")}
            srcLang={run.language}
            label={`Dub (${run.language})`}
            default
          />
        )}
      </video>
      {broken && player.side === side && (
        <p className="note overlay">This browser plays neither the picture nor the sound.</p>
      )}
    </>
  );
}

// The source has no subtitle file of its own kind: its lines are its subtitles.
function useSourceCues(ref, lines, language) {
  const done = useRef(false);
  useEffect(() => {
    if (!lines || !ref.current || done.current) return;
    done.current = true; // a text track can't be taken away again
    const track = ref.current.addTextTrack("subtitles", `Source (${language})`, language);
    for (const line of lines) track.addCue(new VTTCue(line.start_s, line.end_s, line.text));
    track.mode = "showing";
  }, [ref, lines, language]);
}
