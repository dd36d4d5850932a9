/**
 * Results rendered: terminal tables, JSON, CSV. Pure functions from data to text; no terminal, no Node.
 *
 * @module
 */
export { type CheckRenderOptions, checkVerdict, formatCheck } from './check.ts';
export { formatCommunication } from './communication.ts';
export { communicationHtml } from './communicationHtml.ts';
export { formatTargetComparison } from './comparison.ts';
export { formatCsv } from './csv.ts';
export { describeEvent, type EventWords } from './event.ts';
export { formatExplanation } from './explanation.ts';
export { formatGraphCheck, formatGraphCheckCsv } from './graphCheck.ts';
export { toJson } from './json.ts';
export type { RenderOptions } from './layout.ts';
export { missedLines } from './limits.ts';
export { accumulatorText, formatMatrixUnits } from './matrixUnits.ts';
export { formatQuantization } from './quantization.ts';
export { formatReport } from './report.ts';
export { formatSlanc } from './slanc.ts';
export { formatTarget, formatTargets } from './target.ts';
export { formatFormatTable } from './values.ts';
export { formatVerification } from './verification.ts';
