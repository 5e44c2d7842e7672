import { useEffect, useState } from "react";
import { getMetrics } from "../api.js";
import { words } from "../verdicts.js";

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
              {row.value === null ? (
                <small>{row.absent}</small>
              ) : (
                <>
                  {typeof row.value === "number" ? Number(row.value.toPrecision(4)) : row.value}{" "}
                  <small>{row.unit}</small>
                </>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
