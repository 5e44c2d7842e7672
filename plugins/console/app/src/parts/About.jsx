import { pageUrl, storedUrl } from "../api.js";
import { DECISIONS } from "../verdicts.js";

// What the run is: title, languages, decision, attempts.
export function Heading({ run }) {
  const decision = run.judgement && DECISIONS[run.judgement.decision];
  return (
    <header className="heading">
      <h1>
        {run.title_id}{" "}
        <span className="languages">
          {run.source_language} → {run.language}
        </span>
      </h1>
      <Decision run={run} decision={decision} />
      {run.sent_back && (
        <span className="quiet">
          made again for {run.sent_back.who}: {run.sent_back.notes}
        </span>
      )}
      {run.attempts.length > 1 && (
        <nav aria-label="Attempts">
          <span className="quiet">Attempts</span>
          {run.attempts.map((one) => (
            <a
              key={one.run_id}
              href={pageUrl(one.run_id)}
              aria-current={one.run_id === run.run_id ? "page" : undefined}
              title={one.run_id}
            >
              {one.attempt} <small>{one.decision}</small>
            </a>
          ))}
        </nav>
      )}
    </header>
  );
}

function Decision({ run, decision }) {
  if (!decision) return <span className="chip none">a draft: no gate has judged it</span>;
  const { review } = run;
  const settled = review && REVIEWED[review.state];
  return (
    <>
      <span className={`chip big ${decision.tone}`}>
        {run.judgement.decision} <small>{decision.text}</small>
      </span>
      {run.releases.map((release) => (
        <span key={release.release_id} className={`chip ${RELEASED[release.state]}`}>
          release {release.state}
        </span>
      ))}
      {settled && (
        <span className={`chip ${settled.tone}`}>
          {settled.text}
          {review.who && ` by ${review.who}`}
          {review.why && `: ${review.why}`}
        </span>
      )}
    </>
  );
}

const REVIEWED = {
  publish_with_waiver: { tone: "good", text: "waived" },
  redo: { tone: "warn", text: "sent back" },
  reject: { tone: "bad", text: "rejected" },
  timed_out: { tone: "bad", text: "quarantined: nobody answered in time" },
  superseded: { tone: "none", text: "review closed by a newer attempt" },
};

const RELEASED = { current: "good", replaced: "none", withdrawn: "bad" };

const FILES = {
  deliverable: "video",
  subtitles_srt: "subtitles, SRT",
  subtitles_vtt: "subtitles, WebVTT",
  dialogue_stem: "dialogue stem",
};

const size = (bytes) =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

// Where the rest is: release, Data Docs, files to keep.
export function Links({ run }) {
  const docs = run.judgement?.data_docs;
  return (
    <section className="card" aria-label="Files">
      <header>
        <h2>Files</h2>
      </header>
      <ul className="links">
        {run.releases.map((release) => (
          <li key={release.release_id}>
            <a href={storedUrl(`${release.folder}/release.json`)}>release {release.release_id}</a>{" "}
            <small>{release.state}</small>
          </li>
        ))}
        {docs && (
          <li>
            <a href={storedUrl(docs)}>Data Docs of the gate</a>
          </li>
        )}
        {run.downloads.map(({ name, key, bytes }) => (
          <li key={key}>
            <a href={storedUrl(key, true)} download>
              {FILES[name] ?? name}
            </a>{" "}
            <small>{size(bytes)}</small>
          </li>
        ))}
      </ul>
    </section>
  );
}

// Which engine did what, and what it noticed.
export function Stages({ run }) {
  return (
    <section className="card" aria-label="Stages">
      <header>
        <h2>Stages</h2>
        <span className="quiet">profile {run.profile}</span>
      </header>
      <div className="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Stage</th>
              <th scope="col">Engine</th>
              <th scope="col">Seconds</th>
              <th scope="col">Warnings</th>
            </tr>
          </thead>
          <tbody>
            {run.stages.map((stage) => (
              <tr key={stage.stage}>
                <th scope="row">{stage.stage.replaceAll("_", " ")}</th>
                <td>
                  {stage.engine} <small>{stage.version}</small>
                </td>
                <td className="number">
                  {stage.cached ? <small>cached</small> : stage.wall_s.toFixed(1)}
                </td>
                <td>{stage.warnings.join(" · ")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
