import { outcomeOf, unitOf, words, worstFirst } from "../verdicts.js";

// The gate table: what was measured against what was asked, worst line included.
export function Gate({ judgement, lines, onPlay }) {
  const known = new Map(lines.map((line) => [line.id, line]));
  return (
    <section className="card gate" aria-label="Release gate">
      <header>
        <h2>Release gate</h2>
        <span className="quiet">{judgement.gates}</span>
      </header>
      <div className="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Metric</th>
              <th scope="col">Value</th>
              <th scope="col">Threshold</th>
              <th scope="col">Verdict</th>
              <th scope="col">Worst line</th>
            </tr>
          </thead>
          <tbody>
            {worstFirst(judgement.checks).map((check) => (
              <CheckRow
                key={check.metric}
                check={check}
                line={known.get(check.worst_segment)}
                onPlay={onPlay}
              />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function CheckRow({ check, line, onPlay }) {
  const outcome = outcomeOf(check);
  return (
    <tr>
      <th scope="row">
        {words(check.metric)} {!check.blocking && <small>advisory</small>}
      </th>
      <td className="number">
        {check.outcome === "absent" ? "–" : check.value}{" "}
        {check.outcome !== "absent" && <small>{unitOf(check)}</small>}
      </td>
      <td className="number">{check.bound || "–"}</td>
      <td>
        <span className={`chip ${outcome.tone}`}>
          <span aria-hidden="true">{outcome.sign}</span> {outcome.text}
        </span>
      </td>
      <td className="worst">
        {check.worst && (
          <>
            {line ? (
              <button type="button" className="play" onClick={() => onPlay(line)}>
                <span aria-hidden="true">▶</span> {line.id}
                <span className="unseen">: play in source, then in dub</span>
              </button>
            ) : (
              check.worst_segment
            )}{" "}
            <span className="number">{check.worst}</span>{" "}
            {check.worst_bound && <small className="number">({check.worst_bound})</small>}
          </>
        )}
      </td>
    </tr>
  );
}

// Why the gate decided as it did. What only tells is folded away.
export function Reasons({ judgement, lines, onPlay }) {
  const known = new Map(lines.map((line) => [line.id, line]));
  const blocking = judgement.reasons.filter((reason) => reason.blocking);
  const notes = judgement.reasons.filter((reason) => !reason.blocking);
  if (!judgement.reasons.length) return null;
  return (
    <section className="card reasons" aria-label="Reasons">
      <header>
        <h2>Reasons</h2>
      </header>
      <List reasons={blocking} known={known} onPlay={onPlay} />
      {notes.length > 0 && (
        <details>
          <summary>{notes.length} that don't block</summary>
          <List reasons={notes} known={known} onPlay={onPlay} />
        </details>
      )}
    </section>
  );
}

function List({ reasons, known, onPlay }) {
  return (
    <ul>
      {reasons.map((reason, index) => (
        <li key={index} className={reason.blocking ? "bad" : "warn"}>
          <span aria-hidden="true">{reason.blocking ? "✕" : "!"}</span> {reason.text}{" "}
          {known.has(reason.scope) && (
            <button type="button" className="play" onClick={() => onPlay(known.get(reason.scope))}>
              <span aria-hidden="true">▶</span> {reason.scope}
              <span className="unseen">: play in source, then in dub</span>
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}
