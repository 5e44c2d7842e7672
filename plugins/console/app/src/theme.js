// Dark or light as Airflow's own pages are, else as the system is.

const KEY = "theme";

function follow() {
  const chosen = localStorage.getItem(KEY);
  const root = document.documentElement;
  if (chosen === "dark" || chosen === "light") root.dataset.theme = chosen;
  else delete root.dataset.theme;
}

export function followTheme() {
  follow();
  addEventListener("storage", (event) => event.key === KEY && follow());
}
