//===- DeviceProgram.cpp - The main program, on a device ------------------===//
//
// The same functions as in MainProgram.cpp, written as the compiler writes
// device functions: variables, vectors and old values on cuda:0, numbers that
// are arguments on the host. More of them, for what only devices have:
//   count(f64[?]) -> i64    s += arg, h += 1 on the host; the old h
//   look() -> i64           n, left on the host
//   lift() -> i64           h, left on the device
//   elsewhere(f64[?]) -> f64[?]   twice the argument; on cuda:1
//
//===----------------------------------------------------------------------===//

#include "DeviceProgram.h"
#include "../Programs.h"
#include "DeviceKernels.h"

#include <string.h>

using namespace symtest;

namespace {
int64_t intAt(const sym_view &view) {
  return *static_cast<int64_t *>(view.data);
}

void addVectors(sym_frame *f, void *to, void *a, void *b, int64_t n) {
  sym_grid grid = {{n ? 1 : 0, 1, 1}, {32, 1, 1}};
  void *params[] = {&to, &a, &b, &n};
  sym_rt_launch(f, kAddVectors, &grid, params);
}

void addToInt(sym_frame *f, void *to, void *from, int64_t k) {
  sym_grid grid = {{1, 1, 1}, {1, 1, 1}};
  void *params[] = {&to, &from, &k};
  sym_rt_launch(f, kAddToInt, &grid, params);
}

// add: the old value is copied before the kernel that overwrites it
int32_t addInPlace(sym_frame *f) {
  void *old = sym_rt_result(f, 0, nullptr);
  if (!old)
    return -1;
  sym_rt_copy_on_device(f, old, f->sources[0].data, 8);
  addToInt(f, f->sources[0].data, f->sources[0].data,
           *static_cast<int32_t *>(f->args[0].data));
  return 0;
}
int32_t addOutOfPlace(sym_frame *f) {
  void *old = sym_rt_result(f, 0, nullptr);
  void *next = old ? sym_rt_result(f, 1, nullptr) : nullptr;
  if (!next)
    return -1;
  sym_rt_copy_on_device(f, old, f->sources[0].data, 8);
  addToInt(f, next, f->sources[0].data,
           *static_cast<int32_t *>(f->args[0].data));
  return 0;
}

int32_t read2(sym_frame *f) {
  for (int i = 0; i < 2; ++i) {
    void *to = sym_rt_result(f, i, nullptr);
    if (!to)
      return -1;
    sym_rt_copy_on_device(f, to, f->sources[i].data, 8);
  }
  return 0;
}

int32_t transferInPlace(sym_frame *f) {
  int64_t k = intAt(f->args[0]);
  addToInt(f, f->sources[0].data, f->sources[0].data, -k);
  addToInt(f, f->sources[1].data, f->sources[1].data, k);
  return 0;
}
int32_t transferOutOfPlace(sym_frame *f) {
  int64_t k = intAt(f->args[0]);
  for (int i = 0; i < 2; ++i) {
    void *to = sym_rt_result(f, i, nullptr);
    if (!to)
      return -1;
    addToInt(f, to, f->sources[i].data, i ? k : -k);
  }
  return 0;
}

int32_t nothing(sym_frame *) { return 0; }

int32_t copyArgTo(sym_frame *f, int slot, int arg) {
  void *to = sym_rt_result(f, slot, f->args[arg].sizes);
  if (!to)
    return -1;
  if (int64_t bytes = 8 * f->args[arg].sizes[0])
    sym_rt_copy_on_device(f, to, f->args[arg].data, bytes);
  return 0;
}

int32_t rotate(sym_frame *f) { return copyArgTo(f, 0, 0); }

int32_t choose(sym_frame *f) {
  bool keep = intAt(f->args[0]);
  f->slots[0].data = f->sources[keep ? 0 : 1].data;
  f->slots[1].data = f->sources[keep ? 1 : 0].data;
  return 0;
}

const int32_t kSizeTypes[] = {SYM_ELEMENT_I64, SYM_ELEMENT_I64};
const sym_check_site kSameSize = {SYM_SHAPE_MISMATCH, 2, kSizeTypes,
                                  "the state has {0} elements, x has {1}",
                                  "axpy.mlir:7:9"};
int32_t checkSizes(sym_frame *f) {
  int64_t values[] = {f->sources[0].sizes[0], f->args[0].sizes[0]};
  return values[0] == values[1] ? 0 : sym_rt_fail(f, &kSameSize, values);
}

int32_t axpyInPlace(sym_frame *f) {
  if (int32_t s = checkSizes(f))
    return s;
  addVectors(f, f->sources[0].data, f->sources[0].data, f->args[0].data,
             f->sources[0].sizes[0]);
  return 0;
}
int32_t addToSlot(sym_frame *f, int slot) {
  void *to = sym_rt_result(f, slot, f->sources[0].sizes);
  if (!to)
    return -1;
  addVectors(f, to, f->sources[0].data, f->args[0].data,
             f->sources[0].sizes[0]);
  return 0;
}
int32_t axpyOutOfPlace(sym_frame *f) {
  if (int32_t s = checkSizes(f))
    return s;
  return addToSlot(f, 0);
}

int32_t oldInPlace(sym_frame *f) {
  if (int32_t s = checkSizes(f))
    return s;
  return sym_rt_result_from_source(f, 0, 0) ? -1 : axpyInPlace(f);
}
int32_t oldOutOfPlace(sym_frame *f) {
  if (int32_t s = checkSizes(f))
    return s;
  return addToSlot(f, 1) || sym_rt_result_from_source(f, 0, 0) ? -1 : 0;
}

int32_t replace(sym_frame *f) {
  return sym_rt_result_from_source(f, 0, 0) ? -1 : copyArgTo(f, 1, 0);
}

int32_t peek(sym_frame *f) { return sym_rt_result_from_source(f, 0, 0); }

// busy: everything that generated code may ask for
const sym_check_site kLate = {SYM_CHECK_FAILED, 1, kSizeTypes, "late: {0}",
                              "busy.mlir:3:1"};
int32_t busy(sym_frame *f, bool inPlace) {
  if (int32_t s = checkSizes(f))
    return s;
  int64_t n = f->sources[0].sizes[0];
  if (!sym_rt_arena(f, n * 8) || !sym_rt_alloc(f, n * 8))
    return -1;
  void *a = sym_rt_device_alloc(f, n * 8);
  void *b = a ? sym_rt_device_alloc(f, n * 8) : nullptr;
  if (!b)
    return -1;
  if (n) {
    sym_rt_copy_on_device(f, a, f->args[0].data, n * 8);
    sym_rt_copy_on_device(f, b, a, n * 8);
  }
  void *to = f->sources[0].data;
  if (!inPlace && !(to = sym_rt_result(f, 0, f->sources[0].sizes)))
    return -1;
  // A value of the device that a check needs.
  double first = 0;
  if (n && sym_rt_copy_to_host(f, &first, b, 8))
    return -1;
  int64_t late = intAt(f->args[1]);
  if (late || first == -12345)
    return sym_rt_fail(f, &kLate, &late);
  addVectors(f, to, f->sources[0].data, b, n);
  return 0;
}
int32_t busyInPlace(sym_frame *f) { return busy(f, true); }
int32_t busyOutOfPlace(sym_frame *f) { return busy(f, false); }

// scale: doubles its argument, then gives a copy of it
int32_t scale(sym_frame *f) {
  int64_t n = f->args[0].sizes[0];
  void *to = sym_rt_result(f, 0, f->args[0].sizes);
  if (!to)
    return -1;
  addVectors(f, f->args[0].data, f->args[0].data, f->args[0].data, n);
  if (n)
    sym_rt_copy_on_device(f, to, f->args[0].data, n * 8);
  return 0;
}
int32_t both(sym_frame *f) {
  int64_t n = f->args[0].sizes[0];
  void *to = sym_rt_result(f, 0, f->args[0].sizes);
  if (!to)
    return -1;
  addVectors(f, f->args[0].data, f->args[0].data, f->args[0].data, n);
  addVectors(f, to, f->args[0].data, f->args[1].data, n);
  return 0;
}

// count: sources are s and h
int32_t countInPlace(sym_frame *f) {
  if (int32_t s = checkSizes(f))
    return s;
  if (sym_rt_result_from_source(f, 0, 1))
    return -1;
  addVectors(f, f->sources[0].data, f->sources[0].data, f->args[0].data,
             f->sources[0].sizes[0]);
  *static_cast<int64_t *>(f->sources[1].data) += 1;
  return 0;
}
int32_t countOutOfPlace(sym_frame *f) {
  if (int32_t s = checkSizes(f))
    return s;
  void *next = sym_rt_result(f, 2, nullptr);
  if (!next || addToSlot(f, 1) || sym_rt_result_from_source(f, 0, 1))
    return -1;
  *static_cast<int64_t *>(next) = intAt(f->sources[1]) + 1;
  return 0;
}

int32_t first(sym_frame *f) { return sym_rt_result_from_source(f, 0, 0); }

int32_t elsewhere(sym_frame *f) {
  void *to = sym_rt_result(f, 0, f->args[0].sizes);
  if (!to)
    return -1;
  addVectors(f, to, f->args[0].data, f->args[0].data, f->args[0].sizes[0]);
  return 0;
}

// walk: a host program that keeps a result on the device, hands it on, fetches
// it, and works on a private copy; 1 as soon as something is not as expected
int32_t walk(sym_frame *f) {
  enum { kAxpy = 6, kOld = 7, kS = 2 };
  double data[] = {1, 2};
  int64_t two = 2, kept = 0, size = 0;
  sym_view x = {data, &two}, handle = {nullptr, &kept}, seen = {nullptr, &size};
  const uint8_t hostToDevice[] = {0, 1}, fromDevice[] = {1};
  if (sym_rt_set_value(f, kS, &x) ||
      sym_rt_call_device(f, kOld, &x, &handle, hostToDevice) ||
      sym_rt_call_device(f, kAxpy, &handle, nullptr, fromDevice) ||
      sym_rt_fetch(f, handle.data, &seen))
    return 1;
  if (kept != 2 || memcmp(seen.data, data, sizeof(data)) != 0)
    return 1;
  sym_rt_drop(f, handle.data);
  void *borrow = nullptr;
  if (sym_rt_borrow(f, kS, SYM_BORROW_PINNED, &borrow, &seen))
    return 1;
  double expected[] = {3, 6};
  if (memcmp(seen.data, expected, sizeof(expected)) != 0 ||
      sym_rt_release(f, borrow, nullptr) ||
      sym_rt_borrow(f, kS, SYM_BORROW_EXCLUSIVE, &borrow, &seen))
    return 1;
  static_cast<double *>(seen.data)[0] = 100;
  return sym_rt_release(f, borrow, &seen);
}

const int64_t kZero = 0;
const int32_t kVectorParams[] = {8, 8, 8, 8}, kIntParams[] = {8, 8, 8};
const sym_kernel_desc kKernels[kNumKernels] = {
    {kKernelNames[kAddVectors], 4, 0, kVectorParams},
    {kKernelNames[kAddToInt], 3, 0, kIntParams}};
} // namespace

static const sym_program *build(ProgramBuilder &p, int32_t policy) {
  p.onDevice(kKernels, kNumKernels, deviceImages(), numDeviceImages(),
             sym_rt_devices);
  sym_type_desc i32 = p.type(SYM_ELEMENT_I32, {});
  sym_type_desc i64 = p.type(SYM_ELEMENT_I64, {});
  sym_type_desc vec = p.type(SYM_ELEMENT_F64, {SYM_DYNAMIC});
  p.place(SYM_SPACE_CUDA, 0);
  int n = p.variable("n", i64, policy, &kZero);
  int m = p.variable("m", i64, policy, &kZero);
  int s = p.variable("s", vec, policy);
  int t = p.variable("t", vec, policy);
  p.place(SYM_SPACE_HOST, 0);
  int h = p.variable("h", i64, policy, &kZero);
  auto there = [](const char *name, sym_type_desc type, uint32_t flags = 0) {
    return sym_value_desc{name, type, flags, SYM_SPACE_CUDA};
  };
  sym_value_desc x = there("x", vec), k = value("k", i64);
  sym_value_desc out = there(nullptr, vec), outInt = there(nullptr, i64);
  sym_value_desc outHost = value(nullptr, i64);
  uint32_t both_ = SYM_FLAG_BORROW | SYM_FLAG_MUTABLE;
  using Variables = std::vector<int32_t>;
  using Updates = std::vector<sym_update_desc>;
  using Values = std::vector<sym_value_desc>;
  auto function = [&](const char *name, Values args, Values results,
                      Variables variables, Updates updates,
                      sym_entry_fn inplace, sym_entry_fn outofplace,
                      int32_t device = 1) {
    auto reads = int32_t(variables.size());
    p.function({name, args, results, variables, reads, updates, inplace,
                outofplace, device});
  };
  function("add", {value("inc", i32)}, {outInt}, {n}, {inPlace(0)}, addInPlace,
           addOutOfPlace);
  function("read2", {}, {outInt, outInt}, {n, m}, {}, read2, read2);
  function("transfer", {k}, {}, {n, m}, {inPlace(0), inPlace(1)},
           transferInPlace, transferOutOfPlace);
  function("swap", {}, {}, {s, t}, {moved(0, 1), moved(1, 0)}, nothing,
           nothing);
  function("rotate", {x}, {}, {s, t}, {fresh(0), moved(1, 0)}, rotate, rotate);
  function("choose", {k}, {}, {s, t}, {selected(0), selected(1)}, choose,
           choose);
  function("axpy", {x}, {}, {s}, {inPlace(0)}, axpyInPlace, axpyOutOfPlace);
  function("old", {x}, {out}, {s}, {inPlace(0)}, oldInPlace, oldOutOfPlace);
  function("replace", {x}, {out}, {s}, {fresh(0)}, replace, replace);
  function("peek", {}, {out}, {s}, {}, peek, peek);
  function("busy", {x, k}, {}, {s}, {inPlace(0)}, busyInPlace, busyOutOfPlace);
  function("scale", {there("x", vec, both_)}, {out}, {}, {}, scale, scale);
  function("scaleCopy", {there("x", vec, SYM_FLAG_MUTABLE)}, {out}, {}, {},
           scale, scale);
  function("both", {there("x", vec, both_), x}, {out}, {}, {}, both, both);
  function("count", {x}, {outHost}, {s, h}, {inPlace(0), inPlace(1)},
           countInPlace, countOutOfPlace);
  function("look", {}, {outHost}, {n}, {}, first, first);
  function("lift", {}, {outInt}, {h}, {}, first, first);
  function("elsewhere", {x}, {out}, {}, {}, elsewhere, elsewhere, 2);
  p.host("walk", walk);
  return p.program();
}

const sym_program *symtest::mainProgram(int32_t policy) {
  static ProgramBuilder builders[3];
  static const sym_program *programs[3] = {
      build(builders[0], 0), build(builders[1], 1), build(builders[2], 2)};
  return programs[policy];
}
