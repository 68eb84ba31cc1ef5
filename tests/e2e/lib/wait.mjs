// Waiting with a name and an end.
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Polls `probe` until it returns something truthy, and returns that. Errors of `probe` count as "not yet" and the
 * last one is reported; `alive` throws when waiting has become pointless.
 */
export async function waitFor(what, probe, { timeout = 60_000, every = 500, alive = () => {} } = {}) {
  const started = Date.now();
  let last;
  for (;;) {
    alive();
    try {
      const value = await probe();
      if (value) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() - started > timeout) {
      throw new Error(`waited ${Math.round(timeout / 1000)} s for ${what}${last ? `; last error: ${last.message}` : ''}`);
    }
    await sleep(every);
  }
}

/** `promise`, or an error after `ms`. */
export async function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not done after ${Math.round(ms / 1000)} s`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
