import { readUltralytics } from '../formats/ultralytics.js';
import { describeData, type DataSpec } from './spec.js';

/**
 * A run of a model file in Ultralytics' syntax (`yolov8n.yaml`), without a name: trained as they do, on generated
 * pictures with as many classes as those have. The scale is the one asked for, else the letter in the file's name, else
 * the file's first; it is given beside the spec, null where the file has none.
 *
 * Errors: as `readUltralytics`.
 */
export function ultralyticsRun(
  fileName: string,
  file: object,
  asked?: string,
): { readonly spec: Readonly<Record<string, unknown>>; readonly scale: string | null } {
  const letter = /^yolo\w*?\d+([a-z])(?:-\w+)?\.ya?ml$/i.exec(fileName)?.[1];
  const scales = 'scales' in file && typeof file.scales === 'object' ? (file.scales ?? {}) : {};
  const scale = asked ?? (letter !== undefined && Object.hasOwn(scales, letter) ? letter : undefined);
  const read = (classes: number, channels: number) =>
    readUltralytics(file, { classes, channels, ...(scale === undefined ? {} : { scale }) });
  const data = { source: read(2, 3).task === 'detect' ? 'shapes' : 'phantoms', batch: 16 };
  const { outputs, input } = describeData(data as unknown as DataSpec);
  const model = read(outputs, input.shape[0]!);
  return {
    spec: {
      fuga: 1,
      data,
      network: model.network,
      optimizer: { type: 'sgd', lr: 0.01, momentum: 0.937 },
      steps: 300,
    },
    scale: model.scale,
  };
}
