// Nothing that we started outlives us, and no folder of ours stays behind.
import { existsSync, rmSync } from 'node:fs';

const children = new Set();
const folders = new Set();

/** `command args…`, killed by the kernel if this process dies without a chance to clean up (Linux). */
export function tied(command, args) {
  const SETPRIV = '/usr/bin/setpriv';
  return existsSync(SETPRIV) ? [SETPRIV, ['--pdeathsig', 'KILL', '--', command, ...args]] : [command, args];
}

/** Kills `child` when this process exits. */
export function adopt(child) {
  children.add(child);
  child.once('exit', () => children.delete(child));
}

/** Removes `folder` when this process exits, unless `keepFolder` was called for it. */
export const removeAtExit = (folder) => folders.add(folder);
export const keepFolder = (folder) => folders.delete(folder);

process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

/** Makes Ctrl-C and `kill` an ordinary exit, so that the above runs. */
export function exitOnSignals() {
  for (const [signal, number] of [['SIGHUP', 1], ['SIGINT', 2], ['SIGTERM', 15]]) {
    process.once(signal, () => process.exit(128 + number));
  }
}
