import { refreshInk } from '../charts/ink.svelte.js';
import { currentLanguage, setLanguage } from '../words/words.svelte.js';
import type { Lab } from './lab.svelte.js';

export type Theme = 'system' | 'light' | 'dark';

/** Dialogs over any screen. */
export type DialogName = 'take' | 'bring' | 'palette' | 'help';

/** What was dropped on the page; handles to it can be had only while the drop is handled. */
export interface Dropped {
  readonly entries: readonly FileSystemEntry[];
  readonly files: readonly File[];
}

const turns = { system: 'light', light: 'dark', dark: 'system' } as const;

/** What lies around the screens: theme, language, sharing, dialogs, files dropped anywhere on the page. */
export class Shell {
  readonly lab: Lab;
  dialog = $state<DialogName | null>(null);
  theme = $state<Theme>((document.documentElement.dataset['theme'] as Theme | undefined) ?? 'system');
  copied = $state(false);
  dropped = $state.raw<Dropped | null>(null);
  /** Files are being dragged over the page. */
  dragging = $state(false);

  constructor(lab: Lab) {
    this.lab = lab;
  }

  turnTheme(): void {
    this.theme = turns[this.theme];
    if (this.theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = this.theme;
    try {
      localStorage.setItem('fuga.theme', this.theme);
    } catch {
      // It then holds for this visit.
    }
    refreshInk();
  }

  turnLanguage(): void {
    const language = currentLanguage() === 'en' ? 'pt-BR' : 'en';
    void setLanguage(language);
    this.lab.setLanguage(language);
  }

  async share(): Promise<void> {
    const link = await this.lab.link();
    try {
      await navigator.clipboard.writeText(link);
    } catch {
      location.hash = link.slice(link.indexOf('#')); // the address bar then holds it
    }
    this.copied = true;
    setTimeout(() => (this.copied = false), 2000);
  }

  open(dialog: DialogName): void {
    this.dialog = dialog;
  }

  close(): void {
    this.dialog = null;
  }

  /** Files dragged over the page may be dropped; anything else is none of ours. */
  drag(event: DragEvent): void {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    this.dragging = true;
  }

  /** The pointer has left the page, not just an element of it. */
  leave(event: DragEvent): void {
    if (event.relatedTarget === null) this.dragging = false;
  }

  drop(event: DragEvent): void {
    this.dragging = false;
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    const items = Array.from(event.dataTransfer.items).filter(({ kind }) => kind === 'file');
    this.dropped = {
      entries: items.flatMap((item) => item.webkitGetAsEntry() ?? []),
      files: Array.from(event.dataTransfer.files),
    };
    this.dialog = 'bring';
  }
}
