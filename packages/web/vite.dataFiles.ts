import { basename } from 'node:path';
import type { Plugin } from 'vite';

/**
 * Data sets are modules of strings in the engine, so that they load anywhere. The lab fetches them as what they are:
 * files of data, which the browser neither parses nor keeps as a script.
 */
export const dataFiles = (): Plugin => ({
  name: 'data-files',
  apply: 'build',
  async transform(code, id) {
    if (!/datasets\/\w+\.generated\.ts$/.test(id)) return undefined;
    // The module is nothing but constants, so it can be asked for them here.
    const values = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as Record<
      string,
      string
    >;
    const file = this.emitFile({
      type: 'asset',
      name: `${basename(id, '.generated.ts')}.json`,
      source: JSON.stringify(values),
    });
    return {
      code: [
        `const response = await fetch(import.meta.ROLLUP_FILE_URL_${file});`,
        `if (!response.ok) throw new Error('could not load ' + response.url + ': ' + response.status);`,
        `export const { ${Object.keys(values).join(', ')} } = await response.json();`,
      ].join('\n'),
      map: null,
    };
  },
});
