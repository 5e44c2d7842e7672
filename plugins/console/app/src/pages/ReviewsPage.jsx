import { useEffect, useState } from "react";
import { getReviews, pageUrl } from "../api.js";
import { since } from "../times.js";

// What waits for people, worst first.
export function ReviewsPage() {
  const [reviews, setReviews] = useState(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    getReviews().then(setReviews, (error) => setProblem(error.message));
  }, []);
  return (
    <main>
      <header className="heading">
        <h1>Waiting for review</h1>
        {reviews && <span className="quiet">{reviews.length || "none"}</span>}
      </header>
      {problem && (
        <p role="alert" className="card bad">
          {problem}
        </p>
      )}
      {reviews?.length === 0 && (
        <p className="card note">
          Nothing waits. Dubs that no gate could decide appear here, the worst first.
        </p>
      )}
      {reviews?.length > 0 && (
        <div className="card scroll">
          <table className="reviews">
            <thead>
              <tr>
                <th scope="col">Title</th>
                <th scope="col">Languages</th>
                <th scope="col">Attempt</th>
                <th scope="col">Why</th>
                <th scope="col">Waits</th>
                <th scope="col">Shown</th>
              </tr>
            </thead>
            <tbody>
              {reviews.map((review) => (
                <tr key={review.run_id}>
                  <th scope="row">
                    <a href={pageUrl(review.best_run_id, review.segment)}>
                      {review.title_id}
                    </a>
                  </th>
                  <td>
                    {review.source_language} → {review.language}
                  </td>
                  <td className="number">{review.attempt}</td>
                  <td>
                    {review.reasons.map((reason) => (
                      <p key={reason}>{reason}</p>
                    ))}
                    {review.more > 0 && <small>and {review.more} more</small>}
                  </td>
                  <td className="number">{since(review.opened_at)}</td>
                  <td>{review.task_run_id ? "yes" : "not yet"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </main>
  );
}
