import { useEffect, useState } from "react";
import { getMetrics } from "../api.js";
import { unitOf, words } from "../verdicts.js";

// Everything that was measured on one line, or why it wasn't.
export function Values({ runId, line }) {
  const [rows, setRows] = useState([]);
  useEffect(() => {
    let gone = false;
    getMetrics(runId)
      .then((found) => gone || setRows(found))
      .catch((error) => console.warn(`no values of lines: ${error.message}`));
    return () => {
      gone = true;
    };
  }, [runId]);
  const own = rows.filter((row) => row.scope === line);
  if (!own.length) return null;
  return (
    <section className="card" aria-label={`Values of ${line}`}>
      <header>
        <h2>Measured on {line}</h2>
      </header>
      <dl className="values">
        {own.map((row) => (
          <div key={row.metric} title={row.method}>
            <dt>{words(row.metric)}</dt>
            <dd>
              <Value row={row} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Value({ row }) {
  if (row.value === null) return <small>{row.absent}</small>;
  if (typeof row.value === "string") return words(row.value); // identical, not applicable
  return (
    <>
      {Number(row.value.toPrecision(4))} <small>{unitOf(row)}</small>
    </>
  );
}
