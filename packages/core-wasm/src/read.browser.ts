/** Fetches and compiles the WebAssembly file at `url`; static hosts that send another MIME type are served too. */
export async function compile(url: URL): Promise<WebAssembly.Module> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`cannot load ${url.href}: HTTP ${response.status}`);
  return WebAssembly.compile(await response.arrayBuffer());
}

/** A page cannot change what its browser runs. */
export function enableRelaxedSimd(): Promise<void> {
  return Promise.resolve();
}
