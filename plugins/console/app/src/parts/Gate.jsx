import { outcomeOf, words, worstFirst } from "../verdicts.js";

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
        {check.outcome === "absent" ? "–" : check.value} <small>{unitOf(check)}</small>
      </td>
      <td className="number">{check.bound || "–"}</td>
      <td>
        <span className={`chip ${outcome.tone}`}>
          <span aria-hidden="true">{outcome.sign}</span> {outcome.text}
        </span>
      </td>
      <td className="number">
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
            {check.worst}
            {check.worst_bound && <small> ({check.worst_bound})</small>}
          </>
        )}
      </td>
    </tr>
  );
}

// A ratio says so by its size.
const unitOf = ({ unit }) => (["ratio", "index"].includes(unit) ? "" : unit);

// Why the gate decided as it did: all reasons, blocking ones first.
export function Reasons({ judgement, lines, onPlay }) {
  const known = new Map(lines.map((line) => [line.id, line]));
  if (!judgement.reasons.length) return null;
  return (
    <section className="card reasons" aria-label="Reasons">
      <header>
        <h2>Reasons</h2>
      </header>
      <ul>
        {judgement.reasons.map((reason, index) => (
          <li key={index} className={reason.blocking ? "bad" : "warn"}>
            <span aria-hidden="true">{reason.blocking ? "✕" : "!"}</span> {reason.text}
            {!reason.blocking && <small> (advisory)</small>}{" "}
            {known.has(reason.scope) && (
              <button
                type="button"
                className="play"
                onClick={() => onPlay(known.get(reason.scope))}
              >
                <span aria-hidden="true">▶</span> {reason.scope}
                <span className="unseen">: play in source, then in dub</span>
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
