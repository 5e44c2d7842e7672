import { useState } from "react";
import { answerReview } from "../api.js";

const WAIVER = "Publish with waiver";
const REDO = "Redo with notes";
const REJECT = "Reject";

// Answers the review that waits in Airflow; the same as Airflow's own form under Required Actions.
export function Answer({ review, onAnswered }) {
  const [text, setText] = useState("");
  const [state, setState] = useState({});
  const words = text.trim();

  async function answer(option) {
    setState({ sending: true });
    const params = option === REDO ? { why: "", notes: words } : { why: words, notes: "" };
    try {
      await answerReview(review.task_run_id, option, params);
      setState({ sent: option });
      onAnswered();
    } catch (error) {
      const known = { 403: "You may look, but not decide.", 409: "Somebody else was first." };
      setState({ problem: known[error.status] ?? error.message });
    }
  }

  if (!review.task_run_id) {
    return (
      <section className="card answer" aria-label="Review">
        <p>
          This dub waits for review. More urgent ones are being shown; it is put before people when
          one of them is answered.
        </p>
      </section>
    );
  }
  if (state.sent) return <p className="card note">Noted: {state.sent}.</p>;
  return (
    <section className="card answer" aria-label="Review">
      <h2>Your decision</h2>
      <label htmlFor="words">
        Why it may be published as it is, what is to be done again, or why it is rejected
      </label>
      <textarea
        id="words"
        rows="2"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <div className="buttons">
        {[WAIVER, REDO, REJECT].map((option) => (
          <button
            key={option}
            type="button"
            disabled={!words || state.sending}
            onClick={() => answer(option)}
          >
            {option}
          </button>
        ))}
        {!words && <span className="quiet">Say why first: it is kept with the run.</span>}
      </div>
      {state.problem && (
        <p role="alert" className="bad">
          {state.problem}
        </p>
      )}
    </section>
  );
}
