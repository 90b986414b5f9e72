// The public API of the engine, explicit.
export { loadKernels, type Kernels, type Variant } from '@fuga/core-wasm';
export { EngineError, type ErrorCode, type PathStep } from './core/errors.js';
export { fieldsOf, type Field, type FieldKind } from './core/fields.js';
export type { About, LayerSpec } from './core/layer.js';
export { characterSamples, describeWindows } from './datasets/characters.js';
export { splitEvery, type DataShape, type Samples } from './datasets/dataset.js';
export { scaled } from './run/data.js';
export { readNpy, readNpz, type NumpyArray } from './formats/npz.js';
export { restoreCheckpoint, takeCheckpoint, type Checkpoint } from './run/checkpoint.js';
export { splitLoss, type LossSpec } from './losses/loss.js';
export { describeRun, type RunDescription } from './run/describe.js';
export {
  answerOf,
  mapsOf,
  type Answer,
  type FoundBox,
  type FoundClass,
  type FoundMask,
  type FoundTokens,
  type MapInfo,
} from './run/answer.js';
export { digest } from './run/digest.js';
export { evaluate } from './run/evaluate.js';
export {
  expectNext,
  generate,
  writeOn,
  writeSample,
  type GenerateOptions,
  type NextCharacter,
  type TextSample,
} from './run/generate.js';
export * as measures from './measures/index.js';
export type { Measure, Measured } from './measures/measure.js';
export { Lens, logBins, type SitePicture, type SiteSpread } from './run/lens.js';
export { predict } from './run/predict.js';
export * as probes from './probes/index.js';
export * as diagnoses from './diagnoses/index.js';
export * as shelves from './run/shelves.js';
export { openRun, Run, type Evaluation, type MemoryNeed, type RunOptions } from './run/run.js';
export { describeData, networkOf, resolveSpec, type DataSpec, type RunSpec } from './run/spec.js';
export {
  getPath,
  inShard,
  readShard,
  readSweep,
  stepsOf,
  type Shard,
  type Sweep,
  type Trial,
} from './run/sweepSpec.js';
export {
  course,
  probeIds,
  profile,
  type MetricRecord,
  type ProbeId,
  type SiteDetails,
  type SiteInfo,
  type Trace,
  type TraceRecord,
} from './run/trace.js';
export { exportPyTorch } from './run/pytorch.js';
export type { PyTorchText } from './formats/pytorch/pytorch.js';
export { readTrace, writeTrace } from './run/traceFile.js';
export { reopenRun } from './run/reopen.js';
export { train, type Frame } from './run/train.js';
export {
  exportImported,
  givenTensorsOf,
  importedRun,
  type GivenTensor,
  type ImportedSettings,
  type ImportedSubject,
} from './run/imported.js';
export { importOnnx, missingOpsOf, type ImportedNetwork, type OnnxFiles } from './formats/onnx/import.js';
export { writeOnnxAsPyTorch, type ModuleTensor, type PyTorchModule } from './formats/onnx/python/module.js';
export type { OutlineNode } from './formats/onnx/outline.js';
export { supportedOps, type MissingOp } from './formats/onnx/support.js';
export type { ImportOptions } from './formats/onnx/ports.js';
export { readKeras, type KerasFiles, type KerasModel } from './formats/keras/keras.js';
export { isUltralytics, readUltralytics, type UltralyticsModel } from './formats/ultralytics.js';
export { ultralyticsRun } from './run/ultralyticsRun.js';
export { loadWeights, saveWeights, type LoadedWeights } from './run/weights.js';
export {
  networkEndings,
  readNetworkFile,
  weightsBeside,
  type NetworkFile,
  type NetworkSourceFile,
} from './formats/network.js';
export { diagnose } from './diagnoses/diagnose.js';
export type { CauseFactor, DiagnosisReport, Factor, Finding, SiteReport } from './diagnoses/report.js';
export { locate, parseSpec, SpecSyntaxError, writeSpec, type Place } from './formats/yaml.js';
export {
  wordsIn,
  type FindingId,
  type Language,
  type RemedyId,
  type Words,
} from './diagnoses/words/words.js';
export * as remedies from './remedies/index.js';
export type { Diagnosis, Threshold } from './diagnoses/diagnosis.js';
export { isRefusal, sayRefusal, type Remedy } from './remedies/remedy.js';
export { compare, type Comparison, type ProofOptions } from './proof/compare.js';
export { costOf, effectOf, verdictOf, type Cost, type Effect } from './proof/effect.js';
export { fix, type FixOptions, type FixReport, type TreatmentReport } from './proof/fix.js';
export { treat } from './proof/treat.js';
export { oneByOne, runTrial, type RunTrial, type TrialResult } from './proof/trial.js';
export {
  floatsOf,
  readSafetensors,
  writeSafetensors,
  type NamedTensor,
  type SafeTensor,
  type SafeTensors,
} from './formats/safetensors.js';
export {
  holds,
  makeBench,
  type Axis,
  type Bench,
  type Check,
  type Curve,
  type Experiment,
  type Outcome,
  type Words as ExperimentWords,
} from './experiments/experiment.js';
export * as experiments from './experiments/index.js';
export { ParquetTable, type ParquetColumn } from './formats/parquet.js';
export { writeEvents, type EventHistogram, type StepEvents } from './formats/tensorboard.js';
export { readActivation } from './activations/activation.js';
export { readInit } from './inits/init.js';
export { criticalLine, meanLogChi, trainableDepth, type CriticalPoint } from './theory/criticalLine.js';
export { nonlinearityOf, type Ensemble, type Nonlinearity } from './theory/meanField.js';
