// Installs the npm packages once per lock file, outside the clone: CI works in a fresh clone and must find them warm.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const CACHE = join(homedir(), '.cache', 'conclave', 'e2e');

/** Makes `node_modules` in `folder` a link to the installed packages of its lock file. */
export function installPackages(folder = ROOT) {
  const lock = readFileSync(join(folder, 'package-lock.json'));
  const home = join(CACHE, createHash('sha256').update(lock).digest('hex').slice(0, 16));
  if (!existsSync(home)) install(folder, home);
  link(folder, join(home, 'node_modules'));
}

function install(folder, home) {
  mkdirSync(CACHE, { recursive: true });
  const unfinished = mkdtempSync(join(CACHE, 'installing-'));
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(folder, file), join(unfinished, file));
  console.log(`installing the packages of ${folder} (once per package-lock.json) …`);
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: unfinished, stdio: ['ignore', 2, 2] });
  if (npm.status !== 0) {
    rmSync(unfinished, { recursive: true, force: true });
    throw new Error('`npm ci` failed, see above: check the network and that package-lock.json fits package.json, then run again');
  }
  try {
    renameSync(unfinished, home);
  } catch (error) {
    // Another run finished first.
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(home)) throw error;
  }
}

function link(folder, target) {
  const here = join(folder, 'node_modules');
  const existing = lstatSync(here, { throwIfNoEntry: false });
  if (existing && !existing.isSymbolicLink()) return; // Someone ran `npm ci` in place: theirs.
  if (existing && readlinkSync(here) === target) return;
  // Renamed into place, so that runs started at once do not trip over each other.
  const fresh = `${here}.${process.pid}`;
  symlinkSync(target, fresh);
  renameSync(fresh, here);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) installPackages();
