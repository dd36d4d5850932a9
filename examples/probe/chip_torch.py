"""PyTorch on any device as a client of `bittrue probe`: binary16 products, as `torch.matmul` forms them.

    npx bittrue probe chip --k 32 --a binary16 --output binary16 --addend none
    python chip_torch.py 32 cuda < chip/rows-1.txt > answers.txt

Devices: cpu, cuda (NVIDIA, and AMD under ROCm), mps, xpu. One row at a time, as a 1 by k times k by 1 product; libraries choose
other kernels for other shapes, and what is found holds for this one.
"""

import sys

import numpy
import torch

k, device = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "cpu"
lines = [line for line in sys.stdin if line.strip() and not line.startswith("#")]
codes = numpy.array([[int(word, 16) for word in line.split()] for line in lines], dtype=numpy.uint16)
a, b = (
    torch.from_numpy(part.copy().view(numpy.float16)).to(device) for part in (codes[:, :k], codes[:, k : 2 * k])
)
for x, y in zip(a, b):
    result = torch.matmul(x.reshape(1, k), y.reshape(k, 1)).cpu().numpy()
    print(f"{int(result.view(numpy.uint16).item()):04x}")
