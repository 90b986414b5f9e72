import type { SpecInput } from '../worker/protocol.js';

/** Names of the screens, as they stand in links. */
export const views = ['observe', 'build', 'cure', 'learn', 'laws'] as const;
export type View = (typeof views)[number];

/** All that a link carries. */
export interface LabState {
  readonly view: View;
  readonly spec: SpecInput;
  /** Chapter of the tour, from 0. */
  readonly chapter?: number;
  /** Name of the site under the microscope. */
  readonly site?: string;
}

/** Version of what follows it in a link; a reader refuses others with a sentence instead of guessing. */
export const VERSION = '1';

/** `1.` and the state as JSON, deflated, in the letters that URLs leave alone. */
export async function encodeLink(state: LabState): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(state));
  const deflated = new Uint8Array(
    await new Response(
      new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate-raw')),
    ).arrayBuffer(),
  );
  let binary = '';
  for (const byte of deflated) binary += String.fromCharCode(byte);
  return `${VERSION}.${btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
}
