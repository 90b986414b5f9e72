import { EngineError } from '@fuga/engine';
import type { Refusal } from './protocol.js';

/** The engine's errors as data; any other is a fault of ours and says so. */
export function refusal(error: unknown): Refusal {
  if (error instanceof EngineError) {
    return { ok: false, code: error.code, reason: error.reason, path: error.path };
  }
  const reason = error instanceof Error ? error.message : String(error);
  return { ok: false, code: 'INTERNAL', reason, path: [] };
}
