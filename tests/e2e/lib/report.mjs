// What a scenario tells while it runs, and the figures it ends with.
import { within } from './wait.mjs';

/** The longest that a step takes; what it waits for has shorter limits of its own. */
const STEP_LIMIT = 15 * 60_000;

const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

/** `{ step, note, figure }` for a scenario, `figures` and `steps` for who runs it. */
export function newReport(print = console.log) {
  const report = {
    figures: {},
    steps: 0,

    /** Runs `work` under a title, tells how long it took, and returns its result. */
    async step(title, work) {
      const started = Date.now();
      try {
        const result = await within(STEP_LIMIT, title, work());
        report.steps += 1;
        print(`  ✓ ${title} (${seconds(started)})`);
        return result;
      } catch (error) {
        print(`  ✗ ${title} (${seconds(started)})`);
        throw error;
      }
    },

    /** A line of progress. */
    note: (text) => print(`    ${text}`),

    /** A figure of the closing JSON line. */
    figure(name, value) {
      report.figures[name] = value;
    },
  };
  return report;
}
