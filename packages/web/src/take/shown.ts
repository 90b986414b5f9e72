// What is shown about files beside the screens' own panels, loaded when the first file is brought.
export { default as Banner } from './Banner.svelte';
export { default as RecordingFacts } from './RecordingFacts.svelte';
