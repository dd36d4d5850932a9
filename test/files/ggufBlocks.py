"""Blocks of random bytes of every type, and what the package `gguf` of llama.cpp decodes them to, for ggufBlocks.exhaustive.ts.

    pip install gguf && python test/files/ggufBlocks.py FOLDER
    BITTRUE_GGUF_BLOCKS=FOLDER npm run test:exhaustive -- test/files/ggufBlocks.exhaustive.ts

Writes blocks.gguf and a .npy of binary32 numbers a type.
"""

import pathlib
import sys

import gguf
import numpy
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, quants

TYPES = "F16 BF16 Q4_0 Q4_1 Q5_0 Q5_1 Q8_0 Q2_K Q3_K Q4_K Q5_K Q6_K IQ4_NL IQ4_XS MXFP4 NVFP4 TQ1_0 TQ2_0".split()

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
random = numpy.random.default_rng(7)
writer = gguf.GGUFWriter(str(folder / "blocks.gguf"), "llama")
writer.add_uint32("llama.block_count", 1)
for name in TYPES:
    kind = GGMLQuantizationType[name]
    size, length = GGML_QUANT_SIZES[kind]
    raw = random.integers(0, 256, size=(64, 4096 // size * length), dtype=numpy.uint8)
    with numpy.errstate(all="ignore"):
        numpy.save(folder / f"{name}.npy", quants.dequantize(raw, kind).astype(numpy.float32))
    writer.add_tensor(name, raw, raw_dtype=kind)
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
