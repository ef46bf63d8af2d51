"""Calls the function `add` of a shared library of sym-compile by ctypes."""
import ctypes
import sys


class Tensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("element", ctypes.c_int32),
                ("rank", ctypes.c_int32),
                ("sizes", ctypes.POINTER(ctypes.c_int64)),
                ("strides", ctypes.c_void_p), ("space", ctypes.c_int32),
                ("space_index", ctypes.c_int32)]


class Result(ctypes.Structure):
    _fields_ = [("buffer", ctypes.c_void_p), ("capacity", ctypes.c_size_t),
                ("sizes", ctypes.c_void_p), ("array", ctypes.c_void_p)]


library = ctypes.CDLL(sys.argv[1])
library.sym_instance_function.restype = ctypes.c_void_p
program = ctypes.c_char.in_dll(library, "sym_program_program")
instance = ctypes.c_void_p()
assert library.sym_instance_create(ctypes.byref(program),
                                   ctypes.byref(instance)) == 0
function = ctypes.c_void_p(library.sym_instance_function(instance, b"add"))
values = (ctypes.c_float * 3)(1, 2, 3)
argument = Tensor(ctypes.addressof(values), 20, 1, (ctypes.c_int64 * 1)(3))
outputs = []
for _ in range(2):
    output = ctypes.c_float()
    result = Result(ctypes.addressof(output), 4)
    assert library.sym_call(function, ctypes.byref(argument), 1,
                            ctypes.byref(result), 1) == 0
    outputs.append(output.value)
print(*outputs)
library.sym_instance_destroy(instance)
