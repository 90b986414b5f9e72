const KEY = 'fuga.learn';
const MOST = 200;

/** What a reader has done in a chapter. */
export interface Progress {
  /** The answer given, by its id. */
  readonly answer?: string;
  /** Whether what there was to try has worked. */
  readonly tried?: boolean;
}

/** Reads what was stored; anything else than what is expected is dropped. */
export function readProgress(text: string | null): Record<string, Progress> {
  if (!text) return {};
  try {
    const raw: unknown = JSON.parse(text);
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return {};
    const entries = Object.entries(raw)
      .slice(0, MOST)
      .filter(([id]) => id !== '__proto__');
    return Object.fromEntries(
      entries.flatMap(([id, value]: [string, unknown]) => {
        if (typeof value !== 'object' || value === null) return [];
        const { answer, tried } = value as Record<string, unknown>;
        return [
          [
            id,
            {
              ...(typeof answer === 'string' ? { answer } : {}),
              ...(tried === true ? { tried } : {}),
            } satisfies Progress,
          ],
        ];
      }),
    );
  } catch {
    return {};
  }
}

function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage may be refused
  }
}

let progress = $state.raw<Readonly<Record<string, Progress>>>(readProgress(stored()));

/** How far the reader has come, chapter by chapter. */
export function progressOf(chapter: string): Progress {
  return progress[chapter] ?? {};
}

/** Remembers what a reader has done; only for this visit where storage is refused. */
export function remember(chapter: string, done: Progress): void {
  progress = { ...progress, [chapter]: { ...progress[chapter], ...done } };
  write();
}

/** Forgets a chapter's answer, so that it can be answered anew. */
export function forget(chapter: string): void {
  progress = Object.fromEntries(Object.entries(progress).filter(([id]) => id !== chapter));
  write();
}

function write(): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(progress));
  } catch {
    // It then holds for this visit.
  }
}
