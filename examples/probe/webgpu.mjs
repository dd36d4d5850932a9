// @ts-nocheck: a page's GPU has no types here.
/**
 * WebGPU as a client: a browser's GPU adds k binary32 products in a shader, and `identify` says how. Load it as a module in a page:
 * `import { found } from './webgpu.mjs'; console.log(await found(8));`
 */
import { identify } from 'bittrue/identification';

const shader = (k) => `
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read> c: array<f32>;
@group(0) @binding(3) var<storage, read_write> d: array<f32>;
@compute @workgroup_size(1) fn main(@builtin(global_invocation_id) id: vec3u) {
  var sum = c[id.x];
  for (var i = 0u; i < ${k}u; i++) { sum += a[id.x * ${k}u + i] * b[id.x * ${k}u + i]; }
  d[id.x] = sum;
}`;

/** A function of rows of codes, as `identify` asks it. */
async function chip(k) {
  const device = await (await navigator.gpu.requestAdapter()).requestDevice();
  const module = device.createShaderModule({ code: shader(k) });
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint: 'main' } });
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const buffer = (codes) => {
    const made = device.createBuffer({ size: codes.byteLength, usage: STORAGE | COPY_DST });
    device.queue.writeBuffer(made, 0, codes);
    return made;
  };
  return async ({ rows, a, b, c }) => {
    const size = 4 * rows;
    const result = device.createBuffer({ size, usage: STORAGE | COPY_SRC });
    const copy = device.createBuffer({ size, usage: COPY_DST | MAP_READ });
    const entries = [a, b, c].map(buffer).concat(result).map((one, binding) => ({ binding, resource: { buffer: one } }));
    const commands = device.createCommandEncoder();
    const pass = commands.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(rows);
    pass.end();
    commands.copyBufferToBuffer(result, 0, copy, 0, size);
    device.queue.submit([commands.finish()]);
    await copy.mapAsync(GPUMapMode.READ);
    return new Uint32Array(copy.getMappedRange().slice(0));
  };
}

/** What a shader's sum of k products computes. */
export async function found(k) {
  return identify(await chip(k), { k, a: 'binary32', output: 'binary32' });
}
