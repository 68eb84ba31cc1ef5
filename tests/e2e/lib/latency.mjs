// Percentiles of what users wait.

/** Runs `once` `count` times, one after the other; `{ p50, p95, max }` in ms. */
export async function measure(count, once) {
  const times = [];
  for (let i = 0; i < count; i += 1) {
    const started = performance.now();
    await once(i);
    times.push(performance.now() - started);
  }
  return percentiles(times);
}

/** Nearest rank: a value that was measured, never between two. */
export function percentiles(times) {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (p) => Math.round(sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)]);
  return { p50: at(0.5), p95: at(0.95), max: at(1) };
}
