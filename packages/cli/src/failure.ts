import { locate, SpecSyntaxError, type EngineError, type Place } from '@fuga/engine';

/** Exit codes; see the contract. */
export const exitCodes = {
  done: 0,
  failure: 1,
  usage: 2,
  someFailed: 3,
  found: 4,
  interrupted: 130,
} as const;

/** Something the user should know and can act on: one message, an exit code, no stack. */
export class Failure extends Error {
  readonly exitCode: number;
  /** Lines of a file with a caret, or other detail shown below the message. */
  readonly detail: string;

  constructor(message: string, exitCode: number = exitCodes.usage, detail = '') {
    super(message);
    this.name = 'Failure';
    this.exitCode = exitCode;
    this.detail = detail;
  }
}

/** A text file that errors can point into. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** The engine's error as a message with file, line and column, and the line with a caret under the place. */
export function failureAt(error: EngineError, source: Source | null): Failure {
  const exitCode = error.code === 'INTERNAL' ? exitCodes.failure : exitCodes.usage;
  const isAboutOption = String(error.path[0] ?? '').startsWith('--');
  if (!source || isAboutOption) return new Failure(error.message, exitCode);
  const place = placeOf(error, source.text);
  const where = place ? `${source.path}:${place.line}:${place.column}` : source.path;
  return new Failure(`${where}: ${error.message}`, exitCode, place ? excerpt(source.text, place) : '');
}

function placeOf(error: EngineError, text: string): Place | null {
  if (error instanceof SpecSyntaxError) return error.place;
  try {
    return locate(text, error.path);
  } catch {
    return null;
  }
}

const MOST_SHOWN = 100;

/** The line of `place` with a caret under it. */
function excerpt(text: string, { line, column, length }: Place): string {
  const source = (text.split('\n', line)[line - 1] ?? '').replaceAll('\t', ' ').trimEnd();
  const from = Math.max(0, column - 1 - MOST_SHOWN / 2);
  const shown = source.slice(from, from + MOST_SHOWN);
  const number = String(line);
  const gap = ' '.repeat(number.length);
  const carets = '^'.repeat(Math.max(1, Math.min(length, shown.length - (column - 1 - from))));
  return `  ${number} | ${shown}\n  ${gap} | ${' '.repeat(column - 1 - from)}${carets}`;
}

/** Why a file could not be read, in words. */
export function readFailure(path: string, error: unknown): Failure {
  const { code, message } = error as NodeJS.ErrnoException;
  const reasons: Record<string, string> = {
    ENOENT: 'there is no such file',
    EISDIR: 'it is a folder, expected a file',
    EACCES: 'no permission to read it',
    ENOTDIR: 'a part of the path is a file, not a folder',
    ELOOP: 'its links go in a circle',
  };
  return new Failure(`cannot read ${path}: ${reasons[code ?? ''] ?? message}`);
}

/** Why a file could not be written, in words. */
export function writeFailure(path: string, error: unknown): Failure {
  const { code, message } = error as NodeJS.ErrnoException;
  const reasons: Record<string, string> = {
    ENOSPC: 'the disk is full',
    EDQUOT: 'the disk quota is used up',
    EROFS: 'the file system is read-only',
    EACCES: 'no permission',
    EPERM: 'no permission',
    ENOTDIR: 'a part of the path is a file, not a folder',
    EEXIST: 'a file of that name is in the way',
    ENOENT: 'the folder is gone',
  };
  return new Failure(`cannot write ${path}: ${reasons[code ?? ''] ?? message}`, exitCodes.failure);
}
