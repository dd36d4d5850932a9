"""numpy as a client of `bittrue probe`: how does np.dot add binary32 products?

    npx bittrue probe chip --k 16 --a binary32 --output binary32 --addend none
    python chip_numpy.py 16 < chip/rows-1.txt > answers.txt
"""

import sys

import numpy

k = int(sys.argv[1])
lines = [line for line in sys.stdin if line.strip() and not line.startswith("#")]
codes = numpy.array([[int(word, 16) for word in line.split()] for line in lines], dtype=numpy.uint32)
a, b = codes[:, :k].view(numpy.float32), codes[:, k : 2 * k].view(numpy.float32)
with numpy.errstate(all="ignore"):
    for x, y in zip(a, b):
        print(f"{int(numpy.dot(x, y).view(numpy.uint32)):08x}")
