/**
 * The entry of a thread that checks a model once.
 *
 * @module
 */
import { type MessagePort, workerData } from 'node:worker_threads';
import { checkModel } from '../studies/check/check.ts';
import { type CheckOrder, DONE, ENDED, RUNNING, STATE, TOTAL } from './checkThread.ts';
import { firstLayersAsked, openFamily } from './openModel.ts';
import { targetOption } from './options.ts';
import { readSequences } from './sequences.ts';

interface Given {
  readonly order: CheckOrder;
  readonly words: Int32Array;
  readonly port: MessagePort;
}

const { order, words, port } = workerData as Given;
/** The caller's thread tells what there is to tell. */
const silent = { out: () => true, err: () => {}, color: false, progress: false };

Atomics.store(words, STATE, RUNNING);
try {
  const model = firstLayersAsked(openFamily(order.path, silent).model, order.layers);
  const sequences = readSequences(order.path, model.config, order.from);
  const onProgress = ({ done, total }: { done: number; total: number }): void => {
    Atomics.store(words, TOTAL, total);
    Atomics.store(words, DONE, done);
  };
  port.postMessage(checkModel(model, sequences, { ...order.options, target: targetOption(order.target), onProgress }));
} finally {
  Atomics.store(words, STATE, ENDED);
  Atomics.notify(words, STATE);
}
