import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open, readFile, rm, stat, unlink, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { explainWriteError, SweepError } from './sweepError.js';

interface Owner {
  readonly pid: number;
  readonly host: string;
  /** When the process started, in the system's ticks: tells a pid from another life of the same number. */
  readonly started: string;
  readonly token: string;
}

const BEAT = 5_000;
/** A lock of another machine that was not touched for so long belongs to nobody. */
const DEAD_AFTER = 60_000;
/** A file without its owner's name is being written now, or its writer was killed in between. */
const TORN_AFTER = 2_000;
/** How long to ask for a lock that others are recovering. */
const PATIENCE = 15_000;

/**
 * One coordinator a folder. The file holds its owner's pid, machine and start; an owner that is gone (its process
 * here, or its heartbeat elsewhere) leaves the lock to the next who asks.
 */
export class FolderLock {
  readonly path: string;
  readonly #owner: Owner;
  readonly #beat: NodeJS.Timeout;
  #lost: SweepError | null = null;

  private constructor(path: string, owner: Owner) {
    this.path = path;
    this.#owner = owner;
    this.#beat = setInterval(() => void this.#touch(), BEAT);
    this.#beat.unref();
  }

  /** Takes the lock, or says who holds it. */
  static async take(path: string): Promise<FolderLock> {
    const owner: Owner = {
      pid: process.pid,
      host: hostname(),
      started: startOf(process.pid),
      token: randomBytes(8).toString('hex'),
    };
    const asked = Date.now();
    while (Date.now() - asked < PATIENCE) {
      if (await create(path, JSON.stringify(owner))) return new FolderLock(path, owner);
      const holder = await readOwner(path);
      if (holder === 'gone') continue;
      if (await isForsaken(path, holder)) await removeStale(path, holder, owner);
      else if (holder) {
        throw new SweepError(
          `another sweep (process ${holder.pid} on ${holder.host}) is using this folder: ${path}. Wait for it, stop it, or take another --out.`,
        );
      } else await pause(100); // its owner is just writing it
    }
    throw new SweepError(`cannot take the lock ${path}: others keep taking it; try again`);
  }

  /** Throws where another coordinator has taken the folder meanwhile. */
  check(): void {
    if (this.#lost) throw this.#lost;
  }

  async release(): Promise<void> {
    clearInterval(this.#beat);
    const holder = await readOwner(this.path);
    if (holder !== 'gone' && holder?.token === this.#owner.token) await rm(this.path, { force: true });
  }

  async #touch(): Promise<void> {
    const holder = await readOwner(this.path);
    if (holder === 'gone' || holder?.token !== this.#owner.token) {
      this.#lost ??= new SweepError(
        `the lock ${this.path} is no longer ours: another sweep took this folder, or it was deleted. Stopped; go on with --resume.`,
      );
      return;
    }
    const now = new Date();
    await utimes(this.path, now, now).catch(() => undefined);
  }
}

async function create(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(content);
    } catch (error) {
      await unlink(path).catch(() => undefined);
      throw error;
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw explainWriteError(error, path);
  }
}

/**
 * Removes a dead owner's lock. A second file, the guard, makes sure that no two do so at once and one removes the
 * other's; it names its owner too, for a process can be killed in here as well.
 */
async function removeStale(path: string, stale: Owner | null, owner: Owner): Promise<void> {
  const guard = `${path}.recover`;
  if (!(await create(guard, JSON.stringify(owner)))) {
    const holder = await readOwner(guard);
    if (holder !== 'gone' && (await isForsaken(guard, holder))) await rm(guard, { force: true });
    else await pause(50);
    return;
  }
  try {
    const holder = await readOwner(path);
    if (holder !== 'gone' && holder?.token === stale?.token) await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

/** Whether nobody will come back for the file: its owner is dead, or was killed before it wrote its name. */
async function isForsaken(path: string, holder: Owner | null): Promise<boolean> {
  return holder === null ? isOld(path, TORN_AFTER) : !(await lives(holder, path));
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function readOwner(path: string): Promise<Owner | null | 'gone'> {
  try {
    const owner = JSON.parse(await readFile(path, 'utf8')) as Owner;
    return typeof owner.pid === 'number' && typeof owner.token === 'string' ? owner : null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'gone' : null;
  }
}

async function lives(owner: Owner, path: string): Promise<boolean> {
  if (owner.host !== hostname()) return !(await isOld(path, DEAD_AFTER));
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false; // EPERM: it lives, as somebody else's
  }
  const started = startOf(owner.pid);
  return started === '' || owner.started === '' || started === owner.started;
}

async function isOld(path: string, ageMs: number): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > ageMs;
  } catch {
    return false;
  }
}

/** Field 22 of /proc/PID/stat (Linux), or '' where there is none; a zombie does not live. */
function startOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? 'dead' : (fields[19] ?? '');
  } catch {
    return '';
  }
}
