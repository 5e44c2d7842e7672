import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { getPeaks } from "../api.js";
import { Heading, Links, Stages } from "../parts/About.jsx";
import { Answer } from "../parts/Answer.jsx";
import { Gate, Reasons } from "../parts/Gate.jsx";
import { Lines } from "../parts/Lines.jsx";
import { Player } from "../parts/Player.jsx";
import { Timeline } from "../parts/Timeline.jsx";
import { Values } from "../parts/Values.jsx";
import { lineAt } from "../playing.js";
import { usePlayer } from "../usePlayer.js";
import { reasonsByLine, toneOf } from "../verdicts.js";

// One dub: seen, heard, judged. `segment` is played at once (deep links).
export function DubPage({ run, segment, onChanged }) {
  const player = usePlayer(run.duration_s);
  const peaks = usePeaks(run);
  const [chosen, setChosen] = useState(segment);
  const { judgement } = run;
  const reasons = useMemo(() => reasonsByLine(judgement?.reasons ?? []), [judgement]);
  const tones = useMemo(
    () => new Map(run.lines.map((line) => [line.id, toneOf(line, judgement, reasons)])),
    [run, judgement, reasons],
  );
  const { playLine } = player;
  const play = useCallback(
    (line) => {
      setChosen(line.id);
      playLine(line);
    },
    [playLine],
  );
  usePlayOnce(run, segment, playLine);
  useEffect(() => {
    document.title = `${run.title_id} (${run.language}) · airdub`;
  }, [run]);
  const sounding = player.playing ? lineAt(run.lines, player.side, player.time)?.id : null;
  const selected = sounding ?? chosen;
  const waits = run.review?.state === "open";
  return (
    <main>
      <Heading run={run} />
      <div className="columns">
        <div>
          <Player run={run} player={player} />
          {waits && <Answer review={run.review} onAnswered={onChanged} />}
        </div>
        <div>
          {judgement && <Gate judgement={judgement} lines={run.lines} onPlay={play} />}
          {judgement && <Reasons judgement={judgement} lines={run.lines} onPlay={play} />}
          {!judgement && <Links run={run} />}
        </div>
      </div>
      <Timeline
        run={run}
        peaks={peaks}
        tones={tones}
        player={player}
        selected={selected}
        onPlay={play}
      />
      <Lines lines={run.lines} tones={tones} reasons={reasons} selected={selected} onPlay={play} />
      {judgement && selected && <Values runId={run.run_id} line={selected} />}
      <div className="columns">
        <Stages run={run} />
        {judgement && <Links run={run} />}
      </div>
    </main>
  );
}

function usePeaks(run) {
  const [peaks, setPeaks] = useState({});
  useEffect(() => {
    let gone = false;
    for (const side of ["source", "dub"]) {
      if (!run.files.includes(`${side}_dialogue`)) continue;
      getPeaks(run.run_id, side)
        .then((found) => gone || setPeaks((known) => ({ ...known, [side]: found })))
        .catch((error) => console.warn(`no waveform of the ${side}: ${error.message}`));
    }
    return () => {
      gone = true;
    };
  }, [run.run_id, run.files]);
  return peaks;
}

function usePlayOnce(run, segment, playLine) {
  const done = useRef(false);
  useEffect(() => {
    const line = run.lines.find((one) => one.id === segment);
    if (!line || done.current) return;
    done.current = true;
    playLine(line);
  }, [run, segment, playLine]);
}
