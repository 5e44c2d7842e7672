// What the console's routes and Airflow's own API give. Addresses are relative to the page's own,
// so that they hold below any base URL.

const enc = encodeURIComponent;

export const fileUrl = (runId, name) => `api/runs/${enc(runId)}/files/${enc(name)}`;

export const storedUrl = (key, save = false) =>
  `files/${key.split("/").map(enc).join("/")}${save ? "?save=true" : ""}`;

export const pageUrl = (runId, segment) =>
  `?run_id=${enc(runId)}${segment ? `&segment=${enc(segment)}` : ""}`;

export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

async function ask(url, options = {}) {
  const answer = await fetch(url, { credentials: "same-origin", ...options });
  if (answer.ok) return answer;
  const body = await answer.json().catch(() => ({}));
  const detail = typeof body.detail === "string" ? body.detail : answer.statusText;
  throw new Refused(answer.status, detail);
}

const json = async (url, options) => (await ask(url, options)).json();

export const getRun = (runId) => json(`api/runs/${enc(runId)}`);

export const getMetrics = (runId) => json(`api/runs/${enc(runId)}/metrics`);

export const getReviews = () => json("api/reviews");

// The dub that a run of review_dub is about.
export const getReviewed = (taskRunId) => json(`api/reviews/${enc(taskRunId)}/dub`);

export async function getPeaks(runId, side) {
  const answer = await ask(`api/runs/${enc(runId)}/peaks/${side}`);
  return new Uint8Array(await answer.arrayBuffer());
}

// How a run without a dub stands, in Airflow's own word.
export async function getRunState(dagId, runId) {
  const run = await json(`../api/v2/dags/${enc(dagId)}/dagRuns/${enc(runId)}`);
  return run.state;
}

// The tasks of a run that are at work, and how far each says it is ("" before it says so).
export async function getWork(dagId, runId) {
  const tasks = `../api/v2/dags/${enc(dagId)}/dagRuns/${enc(runId)}/taskInstances`;
  const found = await json(`${tasks}?state=running&state=deferred`);
  return Promise.all(
    found.task_instances.map(async ({ task_id: task }) => ({
      task,
      progress: await json(`${tasks}/${enc(task)}/xcomEntries/progress?deserialize=true`)
        .then((told) => told.value)
        .catch((error) => {
          if (error.status !== 404) throw error;
          return "";
        }),
    })),
  );
}

// Answers a review as Airflow's own form does: Airflow checks the right and notes who it was.
export const answerReview = (taskRunId, option, params) =>
  json(
    `../api/v2/dags/review_dub/dagRuns/${enc(taskRunId)}/taskInstances/ask/-1/hitlDetails`,
    {
      method: "PATCH",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ chosen_options: [option], params_input: params }),
    },
  );
