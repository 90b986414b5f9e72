// Takes the built lab into this package, so that it is in the tarball.
import { cpSync, existsSync, rmSync } from 'node:fs';

const from = new URL('../../web/dist/', import.meta.url);
const to = new URL('../lab/', import.meta.url);
if (!existsSync(from)) throw new Error('the lab is not built yet: run `pnpm build` at the root');
rmSync(to, { recursive: true, force: true });
cpSync(from, to, { recursive: true });
