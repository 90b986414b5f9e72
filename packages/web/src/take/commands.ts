import { Draft } from '../lab/draft.js';
import { keysOf, run, type KeyAction } from '../lab/keys.js';
import { views } from '../lab/link.js';
import type { Shell } from '../lab/shell.svelte.js';
import { currentLanguage, nameOf, w } from '../words/words.svelte.js';
import { takeWords } from './words.js';

/** Something that can be done, by name. */
export interface Command {
  readonly id: string;
  readonly group: string;
  readonly title: string;
  readonly keys: readonly string[];
  /** Shown only when it is searched for. */
  readonly quiet: boolean;
  readonly run: () => unknown;
}

/** All that can be done now: with keys first, then everything that has a name. */
export function commandsOf(shell: Shell): Command[] {
  const { lab } = shell;
  const words = takeWords().palette;
  const commands: Command[] = [];
  const add = (
    group: string,
    id: string,
    title: string,
    action: () => unknown,
    quiet = true,
    keys: readonly string[] = [],
  ) => commands.push({ id: `${group}/${id}`, group, title, keys, quiet, run: action });
  const can: Partial<Record<KeyAction, boolean>> = { undo: lab.canUndo, redo: lab.canRedo, palette: false };
  for (const action of Object.keys(keysOf) as KeyAction[]) {
    if (can[action] === false) continue;
    const title = action === 'toggle' && lab.playing ? w().run.pause : words.actions[action];
    add(words.groups.actions, action, title, () => run(action, shell), false, keysOf[action]);
  }
  views.forEach((view, i) => {
    add(words.groups.views, view, w().app.views[view], () => lab.setView(view), false, [String(i + 1)]);
  });
  for (const finding of lab.current?.findings ?? []) {
    const site = lab.opened?.sites.findIndex(({ name }) => name === finding.sites[0]) ?? -1;
    if (site >= 0) add(words.groups.findings, finding.id, finding.title, () => lab.look(site), false);
  }
  const { catalogue } = lab;
  const draft = new Draft(lab.spec);
  if (catalogue) {
    for (const [id, title] of Object.entries(catalogue.remedies[currentLanguage()]))
      add(words.groups.remedies, id, title, () => lab.treat([id]));
    for (const model of catalogue.models)
      add(words.groups.families, model.id, nameOf(model.id), () => lab.edit(draft.withModel(model)));
    for (const { id } of catalogue.datasets) {
      const data = { source: id, batch: draft.batch };
      add(words.groups.data, id, nameOf(id), () => lab.edit(draft.withPart('data', data)));
    }
    for (const { id } of catalogue.optimizers) {
      const optimizer = { type: id, lr: draft.learningRate };
      add(words.groups.optimizers, id, nameOf(id), () => lab.edit(draft.withPart('optimizer', optimizer)));
    }
  }
  lab.opened?.sites.forEach(({ name }, site) => {
    add(words.groups.layers, name, name, () => {
      lab.setView('observe');
      lab.look(site);
    });
  });
  return commands;
}

const plain = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** How well a command fits what was typed: 0 not at all; whole words before beginnings before letters in order. */
export function fits({ title, group }: Command, typed: string): number {
  const sought = plain(typed).trim();
  const text = plain(title);
  if (text === sought) return 5;
  if (text.startsWith(sought)) return 4;
  if (text.split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(sought))) return 3;
  if (`${plain(group)} ${text}`.includes(sought)) return 2;
  let at = 0;
  for (const letter of text) if (letter === sought[at]) at++;
  return at === sought.length && sought.length > 1 ? 1 : 0;
}
