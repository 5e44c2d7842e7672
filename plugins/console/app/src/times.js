// Instants in seconds, as people read them.

export function clock(seconds, decimals = 1) {
  const factor = 10 ** decimals;
  const total = Math.max(0, Math.round(seconds * factor)); // round once: 59.96 s is 1:00.0
  const rest = (total % (60 * factor)) / factor;
  const minutes = Math.floor(total / (60 * factor));
  const tail = rest.toFixed(decimals).padStart(decimals ? decimals + 3 : 2, "0");
  const hours = Math.floor(minutes / 60);
  return hours ? `${hours}:${String(minutes % 60).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

// How long ago an ISO time was: "3 h".
export function since(iso, now = Date.now()) {
  const minutes = Math.max(0, Math.floor((now - Date.parse(iso)) / 60_000));
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}
