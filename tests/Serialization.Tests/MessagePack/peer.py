# The msgpack package as judge. A line of input is an expression, answered by its bytes in hex, or "? HEX", answered by
# the bytes that the value of those bytes is packed to again, and by how Python prints it.
import sys

import msgpack
from msgpack import ExtType, Timestamp  # for the expressions


def unpack(data):
    return msgpack.unpackb(data, raw=False, strict_map_key=False, use_list=True, timestamp=0, max_ext_len=2**31 - 1)


for line in sys.stdin:
    line = line.rstrip("\n")
    if line.startswith("? "):
        value = unpack(bytes.fromhex(line[2:]))
        print(msgpack.packb(value, use_bin_type=True).hex(), repr(value))
    else:
        print(msgpack.packb(eval(line), use_bin_type=True).hex())
