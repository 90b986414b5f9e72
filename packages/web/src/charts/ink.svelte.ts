const names = [
  'paper',
  'panel',
  'sunken',
  'ink',
  'muted',
  'line',
  'grid',
  'accent',
  'tint',
  'forward',
  'theory',
  'sick',
  'well',
] as const;

/** The theme's colours, as a canvas takes them. */
export type Ink = Readonly<Record<(typeof names)[number], string>>;

function read(): Ink {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()])) as Ink;
}

let current = $state.raw<Ink>(read());

/** Colours of the theme that is on. */
export function ink(): Ink {
  return current;
}

/** To be called when the theme may have changed. */
export function refreshInk(): void {
  current = read();
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', refreshInk);
// A canvas does not know that the letters it was drawn with have come since.
document.fonts.addEventListener('loadingdone', refreshInk);
