import { memo, useEffect, useRef, useState } from "react";
import { clock } from "../times.js";
import { TONES, words } from "../verdicts.js";

// Every line in both languages, with what the gate says about it.
export const Lines = memo(function Lines({ lines, tones, reasons, selected, onPlay }) {
  const [failing, setFailing] = useState(false);
  const shown = failing ? lines.filter((line) => tones.get(line.id) === "bad") : lines;
  const bad = lines.filter((line) => tones.get(line.id) === "bad").length;
  return (
    <section className="card lines" aria-label="Lines">
      <header>
        <h2>Lines</h2>
        <label>
          <input
            type="checkbox"
            checked={failing}
            onChange={(event) => setFailing(event.target.checked)}
          />{" "}
          only those that fail ({bad} of {lines.length})
        </label>
      </header>
      <div className="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Line</th>
              <th scope="col">At</th>
              <th scope="col">Speaker</th>
              <th scope="col">Source</th>
              <th scope="col">Dub</th>
              <th scope="col">Gate</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((line) => (
              <Row
                key={line.id}
                line={line}
                tone={tones.get(line.id)}
                reasons={reasons.get(line.id) ?? []}
                selected={line.id === selected}
                onPlay={onPlay}
              />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
});

function Row({ line, tone, reasons, selected, onPlay }) {
  const row = useRef(null);
  useEffect(() => {
    if (selected) show(row.current);
  }, [selected]);
  const kept = { keep: "original voice stays", subtitle: "subtitled only" }[line.action];
  return (
    <tr ref={row} className={`${tone} ${selected ? "selected" : ""}`}>
      <td>
        <button type="button" className="play" onClick={() => onPlay(line)}>
          <span aria-hidden="true">▶</span> {line.id}
          <span className="unseen">: play in source, then in dub</span>
        </button>
      </td>
      <td className="number">{clock(line.start_s)}</td>
      <td>{line.speaker}</td>
      <td>{line.text}</td>
      <td>{kept ? <em>{kept}</em> : line.target_text}</td>
      <td className="findings">
        <span className={`chip ${tone}`}>
          <span aria-hidden="true">{TONES[tone].sign}</span> {TONES[tone].text}
        </span>
        {reasons.map((reason) => (
          <span key={reason.metric} className="finding">
            {words(reason.metric)} {reason.value} <small>({reason.bound})</small>
          </span>
        ))}
      </td>
    </tr>
  );
}

// Scrolls the table alone: `scrollIntoView` would move the video out of sight too.
function show(row) {
  const table = row.closest(".scroll");
  const head = table.querySelector("thead").offsetHeight;
  const [above, below] = [row.offsetTop - head, row.offsetTop + row.offsetHeight];
  if (above < table.scrollTop) table.scrollTop = above;
  else if (below > table.scrollTop + table.clientHeight) {
    table.scrollTop = below - table.clientHeight;
  }
}
