// What is at work, and how far it is.
export function Work({ tasks }) {
  return (
    <section className="card">
      <table>
        <tbody>
          {tasks.map(({ task, progress }) => (
            <tr key={task}>
              <th scope="row">{task}</th>
              <td>{progress || "at work"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
