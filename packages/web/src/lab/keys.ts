import type { Shell } from './shell.svelte.js';
import { views } from './link.js';

/** What keys do, as a key into the words. */
export type KeyAction =
  | 'palette'
  | 'help'
  | 'toggle'
  | 'step'
  | 'stepBack'
  | 'reset'
  | 'undo'
  | 'redo'
  | 'open'
  | 'export'
  | 'share'
  | 'theme'
  | 'language';

/** The key of each action, as it is shown; on a Mac ⌘ stands for Ctrl. */
export const keysOf: Readonly<Record<KeyAction, readonly string[]>> = {
  palette: ['Ctrl K'],
  help: ['?'],
  toggle: ['Space'],
  step: ['→'],
  stepBack: ['←'],
  reset: ['R'],
  undo: ['U', 'Ctrl Z'],
  redo: ['Shift U', 'Ctrl Shift Z'],
  open: ['O'],
  export: ['E'],
  share: ['S'],
  theme: ['T'],
  language: ['L'],
};

const plain: Readonly<Record<string, KeyAction>> = {
  '?': 'help',
  ' ': 'toggle',
  ArrowRight: 'step',
  ArrowLeft: 'stepBack',
  r: 'reset',
  u: 'undo',
  U: 'redo',
  o: 'open',
  e: 'export',
  s: 'share',
  t: 'theme',
  l: 'language',
};

/** Does what a key stands for, unless someone is typing or the key is another's. */
export function handleKey(event: KeyboardEvent, shell: Shell): void {
  if (event.defaultPrevented || event.isComposing || event.altKey) return;
  const action = actionOf(event);
  if (action) {
    event.preventDefault();
    run(action, shell);
    return;
  }
  const view = /^[1-9]$/.test(event.key) && isFree(event) ? views[Number(event.key) - 1] : undefined;
  if (view === undefined || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  shell.lab.setView(view);
}

function actionOf(event: KeyboardEvent): KeyAction | null {
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    if (key === 'k' && !event.shiftKey) return 'palette';
    if (!isFree(event)) return null; // a text field undoes its own text
    if (key === 'z') return event.shiftKey ? 'redo' : 'undo';
    return key === 'y' ? 'redo' : null;
  }
  return isFree(event) ? (plain[event.key] ?? null) : null;
}

/** Whether nothing that has the focus takes the key itself. */
function isFree(event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : null;
  if (!target || target.closest('dialog, [contenteditable]')) return false;
  if (target.closest('input:not([type=checkbox]), textarea, select')) return false;
  const isArrow = event.key.startsWith('Arrow');
  if (isArrow && target.closest('[role=application], [role=tablist], [role=listbox], [role=tree]'))
    return false;
  return event.key !== ' ' || !target.closest('button, a, summary, input, [role=button], [role=treeitem]');
}

/** Runs an action by its name. */
export function run(action: KeyAction, shell: Shell): void {
  const { lab } = shell;
  const actions: Readonly<Record<KeyAction, () => unknown>> = {
    palette: () => shell.open('palette'),
    help: () => shell.open('help'),
    toggle: () => lab.toggle(),
    step: () => lab.step(),
    stepBack: () => lab.stepBack(),
    reset: () => lab.reset(),
    undo: () => lab.undo(),
    redo: () => lab.redo(),
    open: () => shell.open('bring'),
    export: () => shell.open('take'),
    share: () => shell.share(),
    theme: () => shell.turnTheme(),
    language: () => shell.turnLanguage(),
  };
  actions[action]();
}
