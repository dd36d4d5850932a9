/**
 * Scripts that capture activations where a model runs, in the layout that `bittrue check` reads: src/models/captured.ts says it.
 *
 * @module
 */

/** What a script is for. */
export const captureRuntimes = ['pytorch', 'onnxruntime'] as const;

/** The scripts, in Python. */
export const captureScripts: Readonly<Record<(typeof captureRuntimes)[number], string>> = {
  pytorch: `"""Saves what goes into the norms, softmaxes, linear layers and attentions of a PyTorch model.

    from bittrue_capture import capture
    with capture(model, "acts.safetensors"):
        model(**batch)

Then 'bittrue check acts.safetensors --target h100'; '--model FOLDER' adds the weights of the linear layers.
"""
import contextlib, json, struct, sys
import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

DTYPES = {torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.bool: "BOOL"}
SOFTMAX = (torch.softmax, F.softmax, torch.Tensor.softmax)
ATTENTION = getattr(F, "scaled_dot_product_attention", None)


def norm_of(module):
    """The kernel of a norm, by its class; None for other modules."""
    name = type(module).__name__
    if "RMSNorm" in name or name.endswith("T5LayerNorm"):
        return "rmsNorm"
    return "layerNorm" if isinstance(module, torch.nn.LayerNorm) or name.endswith("LayerNorm") else None


def epsilon_of(module, x):
    for name in ("eps", "variance_epsilon", "epsilon"):
        if getattr(module, name, None) is not None:
            return float(getattr(module, name))
    return torch.finfo(x.dtype).eps  # what torch.nn.RMSNorm takes where eps is None


class Capture(TorchFunctionMode):
    def __init__(self, rows):
        super().__init__()
        self.rows, self.tensors, self.kernels, self.path, self.told = rows, {}, {}, [], set()

    def skip(self, what):
        if what not in self.told:
            print(f"bittrue capture: {what}: not saved", file=sys.stderr)
        self.told.add(what)

    def put(self, name, x):
        if x.dtype not in DTYPES:
            return self.skip(f"{name} of {x.dtype}")
        self.tensors[name] = x.detach().cpu().contiguous().clone()

    def key(self, name):
        """A name of its own for every call: NAME, NAME#2, ..."""
        count = 1
        while (name if count == 1 else f"{name}#{count}") in self.kernels:
            count += 1
        return "" if count == 1 else f"#{count}"

    def save_rows(self, name, x, facts):
        if not torch.is_tensor(x) or x.dim() == 0 or x.numel() == 0 or x.dtype not in DTYPES:
            return self.skip(name)
        name += self.key(name)
        self.put(name, x.reshape(-1, x.shape[-1])[: self.rows])
        self.kernels[name] = facts

    def enter(self, name, module, args, kwargs):
        self.path.append(name)
        x = args[0] if args else next(iter(kwargs.values()), None)
        kernel = norm_of(module)
        kind = type(module).__name__
        if kernel is not None and torch.is_tensor(x):
            weight, bias = getattr(module, "weight", None), getattr(module, "bias", None)
            if weight is not None and x.shape[-1:] != weight.shape:
                return self.skip(f"{name}, a norm of several axes")
            self.save_rows(f"{name}.input", x, {"kernel": kernel, "epsilon": epsilon_of(module, x)})
            # Gemma's RMSNorm multiplies by 1 + weight.
            one_more = kernel == "rmsNorm" and kind.startswith(("Gemma", "Qwen3Next")) and "3n" not in kind and "Gated" not in kind
            if weight is not None:
                self.put(f"{name}.weight", 1 + weight.float() if one_more else weight)
            if bias is not None and kernel == "layerNorm":
                self.put(f"{name}.bias", bias)
        elif isinstance(module, torch.nn.Linear) or kind == "Conv1D":
            self.save_rows(f"{name}.input", x, {"kernel": "linear", "inOut": kind == "Conv1D"})

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        where = self.path[-1] if self.path else "model"
        if func in SOFTMAX:
            x = args[0] if args else kwargs["input"]
            dim = args[1] if len(args) > 1 else kwargs.get("dim", -1)
            self.save_rows(f"{where}.softmax.input", x.movedim(-1 if dim is None else dim, -1), {"kernel": "softmax"})
        elif ATTENTION is not None and func is ATTENTION:
            self.save_attention(f"{where}.attention", args, kwargs)
        return func(*args, **kwargs)

    def save_attention(self, name, args, kwargs):
        given = dict(zip(("query", "key", "value", "attn_mask", "dropout_p", "is_causal"), args), **kwargs)
        if given.get("dropout_p"):
            self.skip(f"dropout of {name}")
        count = self.key(name)
        for part in ("query", "key", "value"):
            x = given[part]
            self.put(f"{name}.{part}{count}", x[:1] if x.dim() == 4 else x)  # the first of a batch
        mask = given.get("attn_mask")
        if mask is not None:
            self.put(f"{name}.mask{count}", mask[:1] if mask.dim() == 4 else mask)
        facts = {"kernel": "attention", "causal": bool(given.get("is_causal", False))}
        self.kernels[name + count] = {**facts, "scale": given.get("scale")}

    def write(self, path):
        """safetensors: the length of a JSON header, the header, the bytes."""
        said = json.dumps({"schema": "captured/1", "kernels": self.kernels})
        header, at = {"__metadata__": {"bittrue": said}}, 0
        for name, x in self.tensors.items():
            size = x.numel() * x.element_size()
            header[name] = {"dtype": DTYPES[x.dtype], "shape": list(x.shape), "data_offsets": [at, at + size]}
            at += size
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        with open(path, "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            for x in self.tensors.values():
                file.write((x.view(torch.int16) if x.dtype == torch.bfloat16 else x).numpy().tobytes())


@contextlib.contextmanager
def capture(model, path, rows=64):
    """Captures at most 'rows' rows of every call; the file is written at the end."""
    found, handles = Capture(rows), []

    def leave(*_):
        found.path.pop()

    for name, module in model.named_modules():
        def enter(module, args, kwargs=None, name=name or "model"):
            found.enter(name, module, args, kwargs or {})
        try:
            handles.append(module.register_forward_pre_hook(enter, with_kwargs=True))
        except TypeError:  # before torch 2.0
            handles.append(module.register_forward_pre_hook(enter))
        handles.append(module.register_forward_hook(leave))
    try:
        with torch.no_grad(), found:
            yield found
    finally:
        for handle in handles:
            handle.remove()
    found.write(path)
`,
  onnxruntime: `"""Saves what goes into the norms, softmaxes, linear layers and attentions of an ONNX model.

    python bittrue_capture.py model.onnx inputs.npz acts.npz

inputs.npz holds the model's inputs by their names (numpy.savez). Then 'bittrue check acts.npz --target h100';
'--model model.onnx' adds the weights of the linear layers. Needs numpy, onnx and onnxruntime.
"""
import json, sys
import numpy as np

NORMS = {
    "LayerNormalization": "layerNorm",
    "RMSNormalization": "rmsNorm",
    "SimplifiedLayerNormalization": "rmsNorm",
}
ROWS = 64


def attribute(node, name, usual):
    for one in node.attribute:
        if one.name == name:
            return one.f if one.type == 1 else one.i
    return usual


def plan(graph):
    """What to save: (name in the file, value of the graph, part), and what each input goes into."""
    constants = {one.name for one in graph.initializer}
    wanted, kernels = [], {}
    for number, node in enumerate(graph.node):
        name = node.name or f"{node.op_type}_{number}"
        last = attribute(node, "axis", -1)
        if node.op_type in NORMS:
            facts = {"kernel": NORMS[node.op_type], "epsilon": attribute(node, "epsilon", 1e-5)}
            for part, value in zip(("gamma", "beta"), node.input[1:3]):
                if value:
                    facts[part] = f"{name}.{'weight' if part == 'gamma' else 'bias'}"
                    wanted.append((facts[part], value, "vector"))
            kernels[f"{name}.input"] = facts
            wanted.append((f"{name}.input", node.input[0], f"rows {last}"))
        elif node.op_type == "Softmax":
            kernels[f"{name}.input"] = {"kernel": "softmax"}
            wanted.append((f"{name}.input", node.input[0], f"rows {last}"))
        elif node.op_type in ("MatMul", "Gemm") and node.input[1] in constants and not attribute(node, "transA", 0):
            in_out = node.op_type == "MatMul" or not attribute(node, "transB", 0)
            kernels[f"{name}.input"] = {"kernel": "linear", "inOut": bool(in_out), "weight": node.input[1]}
            wanted.append((f"{name}.input", node.input[0], "rows -1"))
        elif node.op_type == "Attention" and node.domain == "" and len([one for one in node.input if one]) == 3:
            kernels[name] = {"kernel": "attention", "causal": bool(attribute(node, "is_causal", 0))}
            kernels[name]["scale"] = attribute(node, "scale", None)
            for part, value in zip(("query", "key", "value"), node.input):
                wanted.append((f"{name}.{part}", value, "heads"))
        elif node.op_type == "Attention":
            print(f"bittrue capture: {name}, an attention of other operands: not saved", file=sys.stderr)
    return wanted, kernels


def main(model_path, inputs_path, output_path):
    import onnx
    import onnxruntime
    from onnx import numpy_helper

    model = onnx.load(model_path)
    graph = model.graph
    wanted, kernels = plan(graph)
    constants = {one.name: one for one in graph.initializer}
    feeds = dict(np.load(inputs_path))
    values = sorted({value for _, value, _ in wanted if value not in constants and value not in feeds})
    present = {one.name for one in graph.output}
    graph.output.extend(onnx.ValueInfoProto(name=value) for value in values if value not in present)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    found = dict(zip(values, session.run(values, feeds)))
    arrays = {}
    for name, value, part in wanted:
        x = feeds[value] if value in feeds else found[value] if value in found else numpy_helper.to_array(constants[value])
        if part.startswith("rows"):
            axis = int(part.split()[1]) % x.ndim
            if kernels[name]["kernel"] == "softmax":
                x = np.moveaxis(x, axis, -1).reshape(-1, x.shape[axis])
            else:
                x = x.reshape(-1, int(np.prod(x.shape[axis:])))
            x = x[:ROWS]
        elif part == "heads":
            if x.ndim != 4:
                raise SystemExit(f"{name}: heads as an axis of their own are needed")
            x = x[:1]
        else:
            x = x.reshape(-1)
        arrays[name] = np.ascontiguousarray(x)
    said = json.dumps({"bittrue": json.dumps({"schema": "captured/1", "kernels": kernels})})
    np.savez(output_path, **arrays, __metadata__=np.frombuffer(said.encode(), np.uint8))


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
`,
};
