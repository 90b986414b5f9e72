import { proxy, wrap, type Remote } from 'comlink';
import workerUrl from '../worker/engine.worker.ts?worker&url';
import type { EngineApi, LabFrame, Opened, OpenOptions, Refusal, SpecInput } from '../worker/protocol.js';

/** The part of Trusted Types that is used here; not every browser has them. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): {
    createScriptURL(url: string): string;
  };
}

/** Vouches for the one script that a worker is made from: the address is the build's own, never a user's. */
const policy = (window as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy('fuga-worker', {
  createScriptURL: (url) => url,
});

/** A worker of the engine, and how to end it. */
export interface Engine {
  readonly api: Remote<EngineApi>;
  open(spec: SpecInput, options: OpenOptions, push: (frame: LabFrame) => void): Promise<Opened | Refusal>;
  end(): void;
}

/** Starts a worker. `failed` is told when its script cannot be loaded or throws outside a call. */
export function startEngine(failed: (message: string) => void): Engine {
  const url = new URL(workerUrl, import.meta.url).href;
  const worker = new Worker(policy ? policy.createScriptURL(url) : url, { type: 'module' });
  worker.addEventListener('error', (event) => failed(event.message || 'the worker could not be started'));
  const api = wrap<EngineApi>(worker);
  return {
    api,
    // Comlink turns the callback into one of the worker's own; its return tells the worker that the frame arrived.
    open: (spec, options, push) => api.open(spec, options, proxy(push)) as Promise<Opened | Refusal>,
    end: () => worker.terminate(),
  };
}
