import { exitCodes, Failure } from '../failure.js';

export { exitCodes };

/** What can go wrong with a sweep: one message, an exit code (1 unless it was the user's doing: 2). */
export class SweepError extends Failure {
  constructor(message: string, exitCode: number = exitCodes.failure, detail = '') {
    super(message, exitCode, detail);
    this.name = 'SweepError';
  }
}

/** What a failed write means and what to do, in words; every result that was acknowledged is safe. */
export function explainWriteError(error: unknown, path: string): SweepError {
  const { code, message } = error as NodeJS.ErrnoException;
  const resume = 'Finished trials are safe; go on with --resume.';
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new SweepError(`the disk is full: cannot write ${path}. Free some space. ${resume}`);
  if (code === 'EROFS')
    return new SweepError(
      `${path} is on a read-only file system; take a folder that can be written to (--out)`,
    );
  if (code === 'EACCES' || code === 'EPERM')
    return new SweepError(`no permission to write ${path}; take another folder (--out)`);
  if (code === 'ENOTDIR' || code === 'EEXIST')
    return new SweepError(`${path} cannot be made: a part of it is a file, not a folder (--out)`);
  if (code === 'ENOENT')
    return new SweepError(
      `${path} is gone: the folder was moved or deleted while the sweep ran. If it was moved, go on with --resume --out on its new place.`,
    );
  return new SweepError(`cannot write ${path}: ${message}. ${resume}`);
}
