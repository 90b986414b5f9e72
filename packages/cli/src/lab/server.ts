import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../failure.js';

/** Where the built lab lies in this package. */
const root = fileURLToPath(new URL('../../lab/', import.meta.url));

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

/** The page's own policy says the same; as a header it also covers what a page cannot say of itself. */
const headers = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-cache',
};

/** A running lab. */
export interface LabServer {
  /** `http://127.0.0.1:PORT/` */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the lab's static files on this machine alone. Port 0 takes a free one. */
export async function serveLab(port: number): Promise<LabServer> {
  const built = await stat(join(root, 'index.html')).catch(() => null);
  if (!built) throw new Failure('the lab is not in this installation; build the project first: pnpm build');
  const server = createServer((request, response) => {
    void answer(request, response);
  });
  await listening(server, port);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Failure('the lab has no address', 1);
  return {
    url: `http://127.0.0.1:${address.port}/`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(
        new Failure(
          taken ? `port ${port} is taken; give another with --port, or 0 for a free one` : error.message,
        ),
      );
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405);
  // A page elsewhere that has its name point here must not be served: only this machine's own names are.
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(request.headers.host ?? ''))
    return refuse(response, 403);
  const path = fileOf(request.url ?? '/');
  const file = path === null ? null : await stat(path).catch(() => null);
  if (path === null || !file?.isFile()) return refuse(response, 404);
  const type = types[extname(path)] ?? 'application/octet-stream';
  response.writeHead(200, { ...headers, 'Content-Type': type, 'Content-Length': file.size });
  if (request.method === 'HEAD') response.end();
  else createReadStream(path).pipe(response);
}

/** The file that a URL means, or null where it would lie outside the lab. */
export function fileOf(url: string): string | null {
  try {
    const path = decodeURIComponent(new URL(url, 'http://lab').pathname);
    if (path.includes('\0')) return null;
    const file = normalize(join(root, path.endsWith('/') ? `${path}index.html` : path));
    return file.startsWith(root.endsWith(sep) ? root : root + sep) ? file : null;
  } catch {
    return null; // a damaged escape
  }
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { ...headers, 'Content-Type': 'text/plain' });
  response.end(`${status}\n`);
}
