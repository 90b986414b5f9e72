import { deflateRawSync } from 'node:zlib';
import { readSubject, resolveSubject } from '../subject.js';

/** Version of the lab's links that this writes; the lab refuses others with a sentence. */
const VERSION = '1';

/** What stands behind the # to open the lab on a spec: the state as JSON, deflated, in letters that URLs leave alone. */
export async function linkTo(file: string): Promise<string> {
  const subject = await readSubject(file);
  resolveSubject(subject, {}); // what is wrong with it is said here, with line and column
  const state = { view: 'observe', spec: subject.input };
  return `#${VERSION}.${deflateRawSync(JSON.stringify(state)).toString('base64url')}`;
}
