import { proxy, wrap, type Remote } from 'comlink';
import type { TrialResult } from '@fuga/engine';
import type { Given } from '../take/brought.js';
import type { DeskApi, TrialFrame } from '../worker/desk.protocol.js';
import deskUrl from '../worker/desk.worker.ts?worker&url';
import engineUrl from '../worker/engine.worker.ts?worker&url';
import type {
  EngineApi,
  LabFrame,
  Language,
  Opened,
  OpenOptions,
  Refusal,
  SpecInput,
} from '../worker/protocol.js';
import { Pulse } from './pulse.js';

/** A worker that does not do its work: it ended for a reason, or has not answered for so many seconds. */
export type Trouble =
  { readonly kind: 'dead'; readonly reason: string } | { readonly kind: 'silent'; readonly seconds: number };

/** The part of Trusted Types that is used here; not every browser has them. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): {
    createScriptURL(url: string): string;
  };
}

/** Vouches for the scripts that workers are made from: the address is the build's own, never a user's. */
const policy = (window as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy('fuga-worker', {
  createScriptURL: (url) => url,
});

/** An address of the build's own, as the page's policy wants it said. */
export function trusted(url: string): string {
  return policy ? policy.createScriptURL(url) : url;
}

/** Starts a module worker of the build's own. `failed` is told when its script cannot be loaded or throws. */
export function startWorker(script: string, failed: (message: string) => void): Worker {
  const url = new URL(script, import.meta.url).href;
  const worker = new Worker(trusted(url), { type: 'module' });
  worker.addEventListener('error', (event) => failed(event.message || 'the worker could not be started'));
  return worker;
}

/** A worker of the engine, and how to end it. */
export interface Engine {
  readonly api: Remote<EngineApi>;
  open(spec: SpecInput, options: OpenOptions, push: (frame: LabFrame) => void): Promise<Opened | Refusal>;
  end(): void;
}

/** Starts a worker. `told` hears of its trouble, and null when a silent one answers again. */
export function startEngine(told: (trouble: Trouble | null) => void): Engine {
  const worker = startWorker(engineUrl, (reason) => {
    pulse.end();
    told({ kind: 'dead', reason });
  });
  const api = wrap<EngineApi>(worker);
  const pulse = new Pulse(
    () => api.ping(),
    (seconds) => told(seconds === null ? null : { kind: 'silent', seconds }),
  );
  return {
    api,
    // Comlink turns the callback into one of the worker's own; its return tells the worker that the frame arrived.
    open: async (spec, options, push) => {
      // Frames have a channel of their own, which may be the faster one: they wait until the answer was taken.
      let early: LabFrame[] | null = [];
      const take = (frame: LabFrame) => (early ? void early.push(frame) : push(frame));
      const answer = (await api.open(spec, options, proxy(take))) as Opened | Refusal;
      setTimeout(() => {
        const held = early ?? [];
        early = null;
        held.forEach(push);
      });
      return answer;
    },
    end: () => {
      pulse.end();
      worker.terminate();
    },
  };
}

/** A worker's calls that reject with its end. Of itself a call never settles once its worker is gone. */
export function untilEnd<T extends object>(remote: T, ended: Promise<never>): T {
  return new Proxy(remote, {
    get: (target, name) => {
      const ask = target[name as keyof T] as (...values: unknown[]) => Promise<unknown>;
      return (...values: unknown[]) => Promise.race([ask(...values), ended]);
    },
  });
}

/** A worker that checks, treats, tries and exports specs. */
export interface Desk {
  /** Every call rejects when the desk is ended, or dies, before it has answered. */
  readonly api: Remote<DeskApi>;
  /** Whether it can still be asked. */
  readonly alive: boolean;
  /** Runs a trial; rejects when the desk is ended meanwhile. */
  trial(spec: SpecInput, language: Language, push: (frame: TrialFrame) => void): Promise<TrialResult>;
  end(): void;
}

/** Starts a desk that knows what specs need beside themselves; its script is loaded when the first one is needed. */
export function startDesk(given: Given | null = null): Desk {
  let alive = true;
  let reject: (reason: Error) => void = () => undefined;
  const ended = new Promise<never>((_, end) => (reject = end));
  ended.catch(() => undefined);
  const end = (reason: Error) => {
    alive = false;
    worker.terminate();
    reject(reason);
  };
  const worker = startWorker(deskUrl, (message) => end(new Error(message)));
  const remote = wrap<DeskApi>(worker);
  if (given) void remote.give(given); // messages are heard in order, so every call after this one knows it
  const api = untilEnd(remote, ended);
  return {
    api,
    get alive() {
      return alive;
    },
    trial: (spec, language, push) => api.trial(spec, language, proxy(push)) as Promise<TrialResult>,
    end: () => end(new DOMException('ended', 'AbortError')),
  };
}
