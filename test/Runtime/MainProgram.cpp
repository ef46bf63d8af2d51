//===- MainProgram.cpp - The main program, on the host --------------------===//

#include "Programs.h"

#include <string.h>

using namespace symtest;

//===----------------------------------------------------------------------===//
// Entries
//===----------------------------------------------------------------------===//

namespace {
int64_t &intAt(const sym_view &view) {
  return *static_cast<int64_t *>(view.data);
}
double *doubles(const sym_view &view) {
  return static_cast<double *>(view.data);
}

// add
int32_t addInPlace(sym_frame *f) {
  void *old = sym_rt_result(f, 0, nullptr);
  if (!old)
    return -1;
  intAt(f->slots[0]) = intAt(f->sources[0]);
  intAt(f->sources[0]) += *static_cast<int32_t *>(f->args[0].data);
  return 0;
}
int32_t addOutOfPlace(sym_frame *f) {
  if (!sym_rt_result(f, 0, nullptr) || !sym_rt_result(f, 1, nullptr))
    return -1;
  intAt(f->slots[0]) = intAt(f->sources[0]);
  intAt(f->slots[1]) =
      intAt(f->sources[0]) + *static_cast<int32_t *>(f->args[0].data);
  return 0;
}

int32_t read2(sym_frame *f) {
  for (int i = 0; i < 2; ++i) {
    if (!sym_rt_result(f, i, nullptr))
      return -1;
    intAt(f->slots[i]) = intAt(f->sources[i]);
  }
  return 0;
}

int32_t transferInPlace(sym_frame *f) {
  intAt(f->sources[0]) -= intAt(f->args[0]);
  intAt(f->sources[1]) += intAt(f->args[0]);
  return 0;
}
int32_t transferOutOfPlace(sym_frame *f) {
  if (!sym_rt_result(f, 0, nullptr) || !sym_rt_result(f, 1, nullptr))
    return -1;
  intAt(f->slots[0]) = intAt(f->sources[0]) - intAt(f->args[0]);
  intAt(f->slots[1]) = intAt(f->sources[1]) + intAt(f->args[0]);
  return 0;
}

int32_t nothing(sym_frame *) { return 0; }

int32_t copyArgTo(sym_frame *f, int slot, int arg) {
  void *to = sym_rt_result(f, slot, f->args[arg].sizes);
  if (!to)
    return -1;
  if (f->args[arg].sizes[0]) // nothing may lie at no address
    memcpy(to, f->args[arg].data, size_t(f->args[arg].sizes[0]) * 8);
  return 0;
}

// rotate: t takes s, s gets the argument (slot 0 is s, slot 1 is t)
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

void addInto(double *to, const double *a, const double *b, int64_t n) {
  for (int64_t i = 0; i < n; ++i)
    to[i] = a[i] + b[i];
}

int32_t axpyInPlace(sym_frame *f) {
  if (int32_t s = checkSizes(f))
    return s;
  addInto(doubles(f->sources[0]), doubles(f->sources[0]), doubles(f->args[0]),
          f->sources[0].sizes[0]);
  return 0;
}
int32_t axpyOutOfPlace(sym_frame *f) {
  if (int32_t s = checkSizes(f))
    return s;
  int slot = 0;
  if (!sym_rt_result(f, slot, f->sources[0].sizes))
    return -1;
  addInto(doubles(f->slots[slot]), doubles(f->sources[0]), doubles(f->args[0]),
          f->sources[0].sizes[0]);
  return 0;
}

// old: the result is the value from before
int32_t oldInPlace(sym_frame *f) {
  if (int32_t s = checkSizes(f))
    return s;
  if (sym_rt_result_from_source(f, 0, 0))
    return -1;
  addInto(doubles(f->sources[0]), doubles(f->sources[0]), doubles(f->args[0]),
          f->sources[0].sizes[0]);
  return 0;
}
int32_t oldOutOfPlace(sym_frame *f) {
  if (int32_t s = checkSizes(f))
    return s;
  if (!sym_rt_result(f, 1, f->sources[0].sizes) ||
      sym_rt_result_from_source(f, 0, 0))
    return -1;
  addInto(doubles(f->slots[1]), doubles(f->sources[0]), doubles(f->args[0]),
          f->sources[0].sizes[0]);
  return 0;
}

int32_t replace(sym_frame *f) {
  if (sym_rt_result_from_source(f, 0, 0))
    return -1;
  return copyArgTo(f, 1, 0);
}

int32_t peek(sym_frame *f) { return sym_rt_result_from_source(f, 0, 0); }

// busy: everything that generated code may ask for
const sym_check_site kLate = {SYM_CHECK_FAILED, 1, kSizeTypes, "late: {0}",
                              "busy.mlir:3:1"};
int32_t busy(sym_frame *f, bool inPlace) {
  if (int32_t s = checkSizes(f))
    return s;
  int64_t n = f->sources[0].sizes[0];
  auto *arena = static_cast<double *>(sym_rt_arena(f, n * 8));
  if (!arena)
    return -1;
  auto *a = static_cast<double *>(sym_rt_alloc(f, n * 8));
  if (!a)
    return -1;
  auto *b = static_cast<double *>(sym_rt_alloc(f, n * 8));
  if (!b)
    return -1;
  memcpy(a, f->args[0].data, size_t(n) * 8);
  memcpy(b, a, size_t(n) * 8);
  sym_rt_free(f, a);
  memcpy(arena, b, size_t(n) * 8); // b is left to the runtime
  double *to = doubles(f->sources[0]);
  if (!inPlace) {
    to = static_cast<double *>(sym_rt_result(f, 0, f->sources[0].sizes));
    if (!to)
      return -1;
  }
  if (intAt(f->args[1]))
    return sym_rt_fail(f, &kLate, static_cast<int64_t *>(f->args[1].data));
  addInto(to, doubles(f->sources[0]), arena, n);
  return 0;
}
int32_t busyInPlace(sym_frame *f) { return busy(f, true); }
int32_t busyOutOfPlace(sym_frame *f) { return busy(f, false); }

int32_t scale(sym_frame *f) {
  for (int64_t i = 0; i < f->args[0].sizes[0]; ++i)
    doubles(f->args[0])[i] *= 2;
  return copyArgTo(f, 0, 0);
}

int32_t both(sym_frame *f) {
  int64_t n = f->args[0].sizes[0];
  auto *to = static_cast<double *>(sym_rt_result(f, 0, f->args[0].sizes));
  if (!to)
    return -1;
  for (int64_t i = 0; i < n; ++i)
    doubles(f->args[0])[i] *= 2;
  addInto(to, doubles(f->args[0]), doubles(f->args[1]), n);
  return 0;
}

const int64_t kZero = 0;
} // namespace

static const sym_program *build(ProgramBuilder &p, int32_t policy) {
  sym_type_desc i32 = p.type(SYM_ELEMENT_I32, {});
  sym_type_desc i64 = p.type(SYM_ELEMENT_I64, {});
  sym_type_desc vec = p.type(SYM_ELEMENT_F64, {SYM_DYNAMIC});
  int n = p.variable("n", i64, policy, &kZero);
  int m = p.variable("m", i64, policy, &kZero);
  int s = p.variable("s", vec, policy);
  int t = p.variable("t", vec, policy);
  sym_value_desc x = value("x", vec), k = value("k", i64);
  sym_value_desc out = value(nullptr, vec), outInt = value(nullptr, i64);
  uint32_t both_ = SYM_FLAG_BORROW | SYM_FLAG_MUTABLE;

  p.function({"add",
              {value("inc", i32)},
              {outInt},
              {n},
              1,
              {inPlace(0)},
              addInPlace,
              addOutOfPlace});
  p.function({"read2", {}, {outInt, outInt}, {n, m}, 2, {}, read2, read2});
  p.function({"transfer",
              {k},
              {},
              {n, m},
              2,
              {inPlace(0), inPlace(1)},
              transferInPlace,
              transferOutOfPlace});
  p.function({"swap",
              {},
              {},
              {s, t},
              2,
              {moved(0, 1), moved(1, 0)},
              nothing,
              nothing});
  p.function(
      {"rotate", {x}, {}, {s, t}, 2, {fresh(0), moved(1, 0)}, rotate, rotate});
  p.function({"choose",
              {k},
              {},
              {s, t},
              2,
              {selected(0), selected(1)},
              choose,
              choose});
  p.function(
      {"axpy", {x}, {}, {s}, 1, {inPlace(0)}, axpyInPlace, axpyOutOfPlace});
  p.function(
      {"old", {x}, {out}, {s}, 1, {inPlace(0)}, oldInPlace, oldOutOfPlace});
  p.function({"replace", {x}, {out}, {s}, 1, {fresh(0)}, replace, replace});
  p.function({"peek", {}, {out}, {s}, 1, {}, peek, peek});
  p.function(
      {"busy", {x, k}, {}, {s}, 1, {inPlace(0)}, busyInPlace, busyOutOfPlace});
  p.function(
      {"scale", {value("x", vec, both_)}, {out}, {}, 0, {}, scale, scale});
  p.function({"scaleCopy",
              {value("x", vec, SYM_FLAG_MUTABLE)},
              {out},
              {},
              0,
              {},
              scale,
              scale});
  p.function(
      {"both", {value("x", vec, both_), x}, {out}, {}, 0, {}, both, both});
  return p.program();
}

const sym_program *symtest::mainProgram(int32_t policy) {
  static ProgramBuilder builders[3];
  static const sym_program *programs[3] = {
      build(builders[0], 0), build(builders[1], 1), build(builders[2], 2)};
  return programs[policy];
}
