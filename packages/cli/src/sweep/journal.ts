import { constants, createReadStream } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { syncFolder } from './atomicFile.js';
import { fromJson, toJson } from './numbers.js';
import { explainWriteError, SweepError } from './sweepError.js';

/** One line of a journal. Numbers that JSON has no word for are written as "NaN", "Infinity", "-Infinity". */
export type JournalRecord =
  | {
      readonly kind: 'sweep';
      readonly format: 'fuga-journal-1';
      readonly sweep: string;
      readonly exact: boolean;
      readonly name: string;
    }
  | {
      readonly kind: 'retry';
      readonly index: number;
      readonly id: string;
      readonly attempt: number;
      readonly reason: string;
    }
  | {
      readonly kind: 'failed';
      readonly index: number;
      readonly id: string;
      readonly attempts: number;
      readonly reason: string;
      readonly values: object;
    }
  | {
      readonly kind: 'done';
      readonly index: number;
      readonly id: string;
      readonly values: object;
      readonly row: object;
      readonly timing: object;
    };

/** Where a line lies, and what it says of itself before it is parsed. */
export interface JournalLine {
  readonly offset: number;
  readonly bytes: number;
  readonly kind: JournalRecord['kind'];
  /** −1 for lines that are not about a trial. */
  readonly index: number;
  readonly id: string;
  readonly text: string;
}

/** A journal as it was found. */
export interface JournalScan {
  /** Where the last whole line ends; what comes after was torn off by a crash. */
  readonly end: number;
  readonly size: number;
  /** Whole lines whose checksum is wrong. */
  readonly damaged: number;
}

/** Where a line was written. */
export interface Written {
  readonly offset: number;
  readonly bytes: number;
}

const NEWLINE = 10;
const CHUNK = 1 << 20;
const LONGEST = 1 << 28;
const head =
  /^\{"crc":"([0-9a-f]{8})","kind":"(sweep|retry|failed|done)"(?:,"index":(\d+),"id":"([0-9a-f]+)")?/;

/** The line of a record: JSON whose first key is the CRC-32 of all that follows it. */
export function encodeRecord(record: JournalRecord): string {
  // Keys that are put in first stay first: a line says what it is about before it is parsed.
  const place = 'index' in record ? { index: record.index, id: record.id } : {};
  const ordered = Object.assign({ kind: record.kind }, place, record);
  const body = `,${toJson(ordered).slice(1)}`;
  return `{"crc":"${crc32(body).toString(16).padStart(8, '0')}"${body}\n`;
}

/** The record on a line. */
export function decodeRecord(text: string): JournalRecord {
  const { crc: _crc, ...record } = fromJson(text) as JournalRecord & { crc: string };
  return record as JournalRecord;
}

/**
 * Walks over a journal's whole lines, in order, holding one chunk of it at a time. A line whose checksum is wrong is
 * passed over and counted. Ends at the last newline: a torn last line never was acknowledged.
 */
export async function scanJournal(path: string, visit: (line: JournalLine) => void): Promise<JournalScan> {
  let [end, damaged, size] = [0, 0, 0];
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let chunk: Buffer;
  for await (chunk of createReadStream(path, { highWaterMark: CHUNK }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      const part = chunk.subarray(from, at);
      const line = pending.length === 0 ? part : Buffer.concat([...pending, part]);
      pending = [];
      pendingBytes = 0;
      from = at + 1;
      const known = readLine(line, end);
      end += line.length + 1;
      if (known) visit(known);
      else damaged++;
    }
    if (from < chunk.length) {
      pending.push(Buffer.from(chunk.subarray(from)));
      pendingBytes += chunk.length - from;
      if (pendingBytes > LONGEST)
        throw new SweepError(`${path} is not a journal: it has a line of over ${LONGEST} bytes`);
    }
  }
  return { end, size, damaged };
}

function readLine(line: Buffer, offset: number): JournalLine | null {
  const text = line.toString('utf8');
  const match = head.exec(text);
  if (!match) return null;
  // Where the checksum starts to count: after {"crc":"xxxxxxxx"
  if (crc32(line.subarray(17)) !== parseInt(match[1]!, 16)) return null;
  const kind = match[2] as JournalRecord['kind'];
  return { offset, bytes: line.length + 1, kind, index: Number(match[3] ?? -1), id: match[4] ?? '', text };
}

/**
 * A file that results are appended to, and that is the truth about them.
 *
 * `append` resolves when its line is on the disk (fdatasync): only then is a trial acknowledged. Lines that come
 * while the disk is busy are written and synced together. After a failed write the file is cut back to what is
 * known to be whole, and every later append fails with the same reason.
 */
export class Journal {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #inode: number;
  #end: number;
  #queue: {
    readonly line: Buffer;
    readonly done: (place: Written) => void;
    readonly failed: (error: unknown) => void;
  }[] = [];
  #flushing: Promise<void> | null = null;
  #broken: SweepError | null = null;

  private constructor(path: string, file: FileHandle, inode: number, end: number) {
    this.path = path;
    this.#file = file;
    this.#inode = inode;
    this.#end = end;
  }

  /** Opens or makes a journal; `visit` sees every whole line. What a crash tore off the end is cut away. */
  static async open(
    path: string,
    visit: (line: JournalLine) => void = () => undefined,
  ): Promise<{ journal: Journal; scan: JournalScan }> {
    let file: FileHandle;
    try {
      file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o644);
    } catch (error) {
      throw explainWriteError(error, path);
    }
    try {
      const scan = await scanJournal(path, visit);
      if (scan.size > scan.end) await file.truncate(scan.end);
      await file.datasync();
      await syncFolder(dirname(path));
      const { ino } = await file.stat();
      return { journal: new Journal(path, file, ino, scan.end), scan };
    } catch (error) {
      await file.close();
      throw error instanceof SweepError ? error : explainWriteError(error, path);
    }
  }

  /** Bytes that are on the disk. */
  get end(): number {
    return this.#end;
  }

  /** Adds a record; resolves, with its place, when it cannot be lost any more. */
  append(record: JournalRecord): Promise<Written> {
    if (this.#broken) return Promise.reject(this.#broken);
    const line = Buffer.from(encodeRecord(record));
    const promise = new Promise<Written>((done, failed) => this.#queue.push({ line, done, failed }));
    this.#flushing ??= this.#flush();
    return promise;
  }

  async close(): Promise<void> {
    await this.#flushing;
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    // The next turn of the event loop, so that what comes in this one shares a sync.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      try {
        let offset = this.#end;
        await this.#write(Buffer.concat(batch.map(({ line }) => line)));
        for (const { line, done } of batch) {
          done({ offset, bytes: line.length });
          offset += line.length;
        }
      } catch (error) {
        this.#broken ??= error instanceof SweepError ? error : explainWriteError(error, this.path);
        await this.#file.truncate(this.#end).catch(() => undefined);
        for (const { failed } of [...batch, ...this.#queue]) failed(this.#broken);
        this.#queue = [];
      }
    }
    this.#flushing = null;
  }

  async #write(bytes: Buffer): Promise<void> {
    if (this.#broken) throw this.#broken;
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, this.#end + done);
      done += bytesWritten;
    }
    await this.#file.datasync();
    // A deleted file still takes what is written to it, and keeps none of it.
    const named = await stat(this.path);
    if (named.ino !== this.#inode) {
      throw new SweepError(
        `${this.path} was replaced by another file while the sweep ran; is a second sweep using this folder?`,
      );
    }
    this.#end += bytes.length;
  }
}
