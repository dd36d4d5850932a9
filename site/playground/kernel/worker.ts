/**
 * The page's thread for kernels and files: one answer a question.
 *
 * @module
 */
import type { Asked } from './asked';
import type { Heads, Opened, Roles, Way } from './files';
import type { Rows } from './rows';
import { type Explained, explain, type Told, update } from './run';

/** Questions, and what each is answered with. */
export interface Questions {
  update: { asked: Asked; answer: Told };
  explain: { asked: Asked; width: number; answer: Explained };
  open: { name: string; bytes: Uint8Array; config: string | null; answer: Opened };
  check: { lengths: Record<string, number>; target: string; kernels: 'norms' | 'all'; answer: string };
  scales: { way: Way; answer: Awaited<ReturnType<typeof import('./files').scalesOf>> };
  block: { position: string; roles: Roles; heads: Heads | null; way: Way; answer: number };
}
export type Question = { [Kind in keyof Questions]: { kind: Kind } & Omit<Questions[Kind], 'answer'> }[keyof Questions];

/** A file's rows, read once a tensor. */
let last: { readonly tensor: string; readonly rows: Rows | null } | null = null;

async function answer(question: Question): Promise<unknown> {
  switch (question.kind) {
    case 'update':
    case 'explain': {
      const { asked } = question;
      if (asked.source === 'file' && last?.tensor !== asked.tensor) {
        const { rowsOf } = await import('./files');
        last = { tensor: asked.tensor, rows: rowsOf(asked.tensor) };
      }
      const file = (): Rows | null => last?.rows ?? null;
      return question.kind === 'update' ? update(asked, file) : explain(asked, file, question.width);
    }
    case 'open': {
      last = null;
      const { open } = await import('./files');
      return open(question.name, question.bytes, question.config);
    }
    case 'check': {
      const { checkModel } = await import('./files');
      return checkModel(question.lengths, question.target, question.kernels);
    }
    case 'scales': {
      const { scalesOf } = await import('./files');
      return scalesOf(question.way);
    }
    case 'block': {
      const { scaleOfBlock } = await import('./files');
      return scaleOfBlock(question.position, question.roles, question.heads, question.way);
    }
  }
}

const port = globalThis as unknown as {
  onmessage: (event: MessageEvent<{ id: number; question: Question }>) => void;
  postMessage(message: unknown): void;
};
port.onmessage = ({ data: { id, question } }) => {
  answer(question).then(
    (told) => port.postMessage({ id, told }),
    (error: unknown) => port.postMessage({ id, problem: error instanceof Error ? error.message : String(error) }),
  );
};
