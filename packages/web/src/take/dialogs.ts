// The dialogs over any screen, loaded together when the first one is opened: one request instead of four.
import Bring from './Bring.svelte';
import Help from './Help.svelte';
import Palette from './Palette.svelte';
import Take from './Take.svelte';

export const dialogs = { take: Take, bring: Bring, palette: Palette, help: Help };
