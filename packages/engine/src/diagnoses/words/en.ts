import { findings } from './en.findings.js';

/** English: the model of every dictionary. */
export const en = { locale: 'en', findings };
