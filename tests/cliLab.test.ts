import { spawn, type ChildProcess } from 'node:child_process';
import { request } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
let lab: ChildProcess;
let address: URL;

/** A raw request: fetch would tidy the path up before it is sent. */
function get(
  path: string,
  host = address.host,
): Promise<{ status: number; type: string; policy: string; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: address.port, path, headers: { host } }, (response) => {
      let body = '';
      response.setEncoding('latin1').on('data', (part: string) => (body += part));
      response.on('end', () => {
        const header = (name: string) => String(response.headers[name] ?? '');
        resolve({
          status: response.statusCode!,
          type: header('content-type'),
          policy: header('content-security-policy'),
          body,
        });
      });
    });
    sent.on('error', reject).end();
  });
}

describe('fuga lab', () => {
  beforeAll(async () => {
    const fuga = join(root, 'packages', 'cli', 'dist', 'main.js');
    lab = spawn(process.execPath, [fuga, 'lab', 'examples/deep-sigmoid.fuga.yaml', '--port', '0'], {
      cwd: root,
    });
    address = await new Promise((resolve, reject) => {
      lab.stdout!.once('data', (line: Buffer) => {
        resolve(new URL(line.toString().trim()));
      });
      lab.once('exit', () => {
        reject(new Error('the lab ended at once'));
      });
    });
  });
  afterAll(() => {
    lab.kill('SIGKILL');
  });

  test('serves the page with its policy, and WebAssembly as such', async () => {
    const page = await get('/');
    expect(page.status).toBe(200);
    expect(page.policy).toContain("default-src 'none'");
    const scripts = [...page.body.matchAll(/src="(\.\/assets\/[^"]+\.js)"/g)].map((match) => match[1]!);
    expect(scripts.length).toBeGreaterThan(0);
    expect((await get(scripts[0]!.slice(1))).type).toContain('text/javascript');
  });

  test('opens on the spec: the link holds it', () => {
    const [version, letters] = address.hash.slice(1).split('.');
    expect(version).toBe('1');
    const state = JSON.parse(inflateRawSync(Buffer.from(letters!, 'base64url')).toString()) as {
      spec: { name: string };
    };
    expect(state.spec.name).toBe('Sigmoid MLP, 20 layers');
  });

  test.each([
    '/../package.json',
    '/..%2fpackage.json',
    '/%2e%2e/%2e%2e/package.json',
    '/assets/../../dist/main.js',
    '/%00',
    '/%',
  ])('does not leave its folder: %s', async (path) => {
    expect((await get(path)).status).toBe(404);
  });

  test('answers to no other name', async () => {
    expect((await get('/', 'evil.example')).status).toBe(403);
  });

  test('ends at Ctrl-C', async () => {
    const code = new Promise((resolve) => lab.once('exit', resolve));
    lab.kill('SIGINT');
    expect(await code).toBe(0);
  });
});
