// What can be taken out of the lab, as plain data that crosses the worker's border.

/** What the worker makes: it holds the run. */
export const workerFormats = ['csv', 'trace', 'report', 'weights', 'spec', 'pytorch', 'onnx'] as const;
export type WorkerFormat = (typeof workerFormats)[number];

/** What the page draws. */
export const pictureFormats = ['png', 'svg'] as const;
export type PictureFormat = (typeof pictureFormats)[number];

export type TakeFormat = WorkerFormat | PictureFormat;

/** How each file's name ends. */
export const endings: Readonly<Record<TakeFormat, string>> = {
  png: '.png',
  svg: '.svg',
  csv: '.csv',
  trace: '.trace.json',
  report: '.diagnosis.json',
  weights: '.safetensors',
  spec: '.fuga.yaml',
  pytorch: '.py',
  onnx: '.onnx',
};
