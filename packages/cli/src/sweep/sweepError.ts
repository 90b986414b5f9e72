/** Exit codes; see the contract. */
export const exitCodes = { done: 0, failure: 1, usage: 2, someFailed: 3, interrupted: 130 } as const;

/** An error of the sweep's own, with the exit code it ends the program with: 1 failure, 2 wrong usage. */
export class SweepError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = exitCodes.failure) {
    super(message);
    this.name = 'SweepError';
    this.exitCode = exitCode;
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
