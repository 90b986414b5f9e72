import { digest, openRun, train } from '@fuga/engine';
import { expose, transfer } from 'comlink';
import { pauseFor } from './pause.js';
import type { EngineApi, LabFrame } from './protocol.js';
import { refusal } from './refusal.js';
import { Session } from './session.js';

/** The only place in the lab that runs the engine. One worker has one run at a time. */
let session: Session | null = null;
let runs = 0;

// A worker's page hears of its errors, but not of its rejections: a run that goes on by itself is to be missed.
addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  reportError(event.reason);
});

const api: EngineApi = {
  ping: () => undefined,
  catalogue: async () => (await import('./catalogue.js')).catalogue(),
  async open(spec, options, push) {
    const id = ++runs;
    session?.close();
    session = null;
    // Of all that were asked for while a step was being made only the last is opened.
    await pauseFor(0);
    if (id !== runs) return { ok: false, code: 'SUPERSEDED', reason: 'another was asked for', path: [] };
    try {
      const opened = await Session.open(spec, id, options, (frame: LabFrame, moved) =>
        Promise.resolve(push(transfer(frame, moved))),
      );
      if (id !== runs)
        opened.close(); // another one was asked for meanwhile
      else session = opened;
      // The answer goes out before the first frame.
      queueMicrotask(() => setTimeout(() => (options.play ? opened.play() : opened.step())));
      return opened.opened;
    } catch (error) {
      return refusal(error);
    }
  },
  play: () => session?.play(),
  pause: () => session?.pause(),
  step: () => session?.step(),
  setSpeed(speed) {
    if (session) session.speed = speed;
  },
  setLanguage(language) {
    if (!session) return;
    session.language = language;
    session.tellAgain();
  },
  look: (site) => session?.look(site),
  ask: (question) => void session?.ask(question),
  write: async (options) => session?.write(options) ?? null,
  async take(format) {
    if (!session) throw new Error('there is no run');
    const { sourceOf, takeOut } = await import('../take/takeOut.js');
    return takeOut(format, sourceOf(session));
  },
  digest: async () => (session ? digest(session.run) : null),
  async digestOf(spec) {
    const run = await openRun(spec, { exact: true });
    for (const _ of train(run));
    return digest(run);
  },
};

expose(api);
