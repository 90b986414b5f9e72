// Loaded once the first picture is on its way: what is wrong with a gradient is asked only of one that is seen.
export { diagnose } from '@fuga/engine';
