/**
 * Results rendered: terminal tables, JSON, CSV, HTML. Pure functions from data to text; no terminal, no Node.
 *
 * `formatReport` shows the report of a kernel, `formatCheck` that of a model; every result that the command prints has its function
 * here. `toJson` writes any of them as JSON, NaN and infinities as strings. `plotSvg` and `plotText` draw a plot, which is data;
 * `sweepPlots`, `accumulatorPlots` and `magnitudePlots` make plots of results, `sweepHtml` and `accumulatorHtml` pages with them.
 *
 * @module
 */
export { formatCsv } from './data/csv.ts';
export { formatGraphCheckCsv } from './data/graphCheckCsv.ts';
export { toJson } from './data/json.ts';
export { formatRecipesCsv } from './data/recipesCsv.ts';
export { formatSweepCsv } from './data/sweepCsv.ts';
export { accumulatorHtml } from './html/accumulator.ts';
export { communicationHtml } from './html/communication.ts';
export { graphCheckHtml } from './html/graphCheck.ts';
export { type ComparedTensor, recipesHtml } from './html/recipes.ts';
export { simulationHtml } from './html/simulation.ts';
export { sweepHtml } from './html/sweep.ts';
export { accumulatorPlots } from './plots/accumulator.ts';
export { magnitudePlots } from './plots/magnitudes.ts';
export type { Plot, PlotAxis, PlotLimit, PlotPoint, PlotSeries } from './plots/plot.ts';
export { recipePlots } from './plots/recipes.ts';
export { simulationPlots } from './plots/simulation.ts';
export { type PlotSize, plotSvg } from './plots/svg.ts';
export { sweepPlots } from './plots/sweep.ts';
export { type PlotTextSize, plotText } from './plots/text.ts';
export { formatBisection } from './text/bisection.ts';
export { formatAccumulator, formatBounds } from './text/bounds.ts';
export {
  formatCapturedCommunication,
  formatCapturedQuantization,
  formatCapturedSlanc,
} from './text/capturedStudies.ts';
export { type CheckRenderOptions, checkVerdict, formatCheck } from './text/check.ts';
export { formatCodebookExplanation, formatCodebooks } from './text/codebook.ts';
export { formatCommunication } from './text/communication.ts';
export { formatTargetComparison } from './text/comparison.ts';
export { formatCures } from './text/cures.ts';
export { formatEmulated } from './text/emulated.ts';
export { describeEvent, type EventWords } from './text/event.ts';
export { formatExplanation } from './text/explanation.ts';
export { formatBlockFormats, formatBlockTable, formatFormats } from './text/formats.ts';
export { formatGraphCheck } from './text/graphCheck.ts';
export type { RenderOptions } from './text/layout.ts';
export { missedLines } from './text/limits.ts';
export { accumulatorText, formatMatrixUnits } from './text/matrixUnits.ts';
export { formatQuantization } from './text/quantization.ts';
export { formatRecipes } from './text/recipes.ts';
export { formatReport } from './text/report.ts';
export { formatGraphSimulation, formatSimulation, formatSimulationCsv } from './text/simulation.ts';
export { formatSlanc } from './text/slanc.ts';
export { formatTarget, formatTargets } from './text/target.ts';
export { formatTargetList } from './text/targetList.ts';
export { formatFormatTable } from './text/values.ts';
export { formatVerification } from './text/verification.ts';
