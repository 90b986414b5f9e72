import type { RunSpec } from '@fuga/engine';
import { readSubject, resolveSubject, type Overrides, type Subject } from './subject.js';
import type { GivenData } from './tasks/task.js';

/** A file ready to be run: what it says, all defaults filled in, and the data that it names in other files. */
export interface OpenSubject {
  readonly subject: Subject;
  readonly spec: RunSpec;
  readonly data: GivenData | null;
}

/** Reads a spec and, where its data lie in files, these too. */
export async function openSubject(
  path: string,
  flags: Overrides & { readonly data?: string },
): Promise<OpenSubject> {
  const subject = await readSubject(path);
  return { subject, spec: resolveSubject(subject, flags), data: null };
}
