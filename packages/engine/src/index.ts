// The public API of the engine, explicit.
export { loadKernels, type Kernels, type Variant } from '@fuga/core-wasm';
export { EngineError, type ErrorCode, type PathStep } from './core/errors.js';
export type { About, LayerSpec } from './core/layer.js';
export type { DataShape, Samples } from './datasets/dataset.js';
export { restoreCheckpoint, takeCheckpoint, type Checkpoint } from './run/checkpoint.js';
export { digest } from './run/digest.js';
export { evaluate } from './run/evaluate.js';
export { Lens, logBins, type SitePicture, type SiteSpread } from './run/lens.js';
export { predict } from './run/predict.js';
export * as shelves from './run/shelves.js';
export { openRun, Run, type MemoryNeed, type RunOptions } from './run/run.js';
export { describeData, networkOf, resolveSpec, type DataSpec, type RunSpec } from './run/spec.js';
export { inShard, readShard, readSweep, type Shard, type Sweep, type Trial } from './run/sweepSpec.js';
export { course, probeIds, profile, type MetricRecord, type ProbeId, type SiteInfo, type Trace, type TraceRecord } from './run/trace.js';
export { train, type Frame } from './run/train.js';
export { diagnose } from './diagnoses/diagnose.js';
export type { CauseFactor, DiagnosisReport, Factor, Finding, SiteReport } from './diagnoses/report.js';
export { locate, parseSpec, SpecSyntaxError, type Place } from './formats/yaml.js';
