import { useCallback, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { getReviewed, getRun, getRunState, getWork } from "./api.js";
import { DubPage } from "./pages/DubPage.jsx";
import { ReviewsPage } from "./pages/ReviewsPage.jsx";
import { Work } from "./parts/Work.jsx";
import "./style.css";
import { followTheme } from "./theme.js";

const LOOK_AGAIN_MS = 5000;

const asked = new URLSearchParams(location.search);
const dagId = asked.get("dag_id") ?? "dub_video";
const runId = asked.get("run_id");
const segment = asked.get("segment");

// A run's dub; while there is none, how the run stands and how far its tasks are.
function Run() {
  const [run, setRun] = useState(null);
  const [note, setNote] = useState("");
  const [work, setWork] = useState([]);
  const look = useCallback(async () => {
    try {
      const id = dagId === "review_dub" ? (await getReviewed(runId)).run_id : runId;
      setRun(await getRun(id));
      return true;
    } catch (error) {
      if (error.status !== 404) {
        setNote(error.message);
        return true;
      }
    }
    const state = await getRunState(dagId, runId).catch(() => "unknown");
    const works = ["queued", "running"].includes(state);
    setNote(
      works
        ? "This dub is being made. It appears here when it is done."
        : `This run has no dub (${state}): its tasks say why.`,
    );
    setWork(works ? await getWork(dagId, runId).catch(() => []) : []);
    return !works;
  }, []);
  useEffect(() => {
    let timer;
    const again = async () => {
      if (!(await look())) timer = setTimeout(again, LOOK_AGAIN_MS);
    };
    again();
    return () => clearTimeout(timer);
  }, [look]);
  if (!run) {
    return (
      <main>
        {note && <p className="card note">{note}</p>}
        {work.length > 0 && <Work tasks={work} />}
      </main>
    );
  }
  return <DubPage run={run} segment={segment} onChanged={() => setTimeout(look, 2000)} />;
}

function Page() {
  if (!["dub_video", "review_dub"].includes(dagId)) {
    return (
      <main>
        <p className="card note">Runs of {dagId} make no dubs.</p>
      </main>
    );
  }
  return runId ? <Run /> : <ReviewsPage />;
}

followTheme();
createRoot(document.getElementById("page")).render(<Page />);
