import { proxy, wrap, type Remote } from 'comlink';
import { startWorker, untilEnd } from '../lab/client.js';
import type { LawNews, LawResult, LawsApi } from './laws.protocol.js';
import lawsUrl from './laws.worker.ts?worker&url';

/** A worker that runs experiments, and how to end it. */
export interface LawBench {
  readonly api: Remote<LawsApi>;
  /** Runs an experiment; rejects with an `AbortError` when the bench is ended meanwhile. */
  run(id: string, seed: number, tell: (news: LawNews) => void): Promise<LawResult>;
  end(): void;
}

/** Starts a worker of its own, so that the lab's training goes on beside it. */
export function startBench(): LawBench {
  let end: (reason: Error) => void = () => undefined;
  const ended = new Promise<never>((_, reject) => (end = reject));
  ended.catch(() => undefined);
  const worker = startWorker(lawsUrl, (message) => end(new Error(message)));
  const api = untilEnd(wrap<LawsApi>(worker), ended);
  return {
    api,
    run: (id, seed, tell) => api.run(id, seed, proxy(tell)) as Promise<LawResult>,
    end: () => {
      worker.terminate();
      end(new DOMException('ended', 'AbortError'));
    },
  };
}
