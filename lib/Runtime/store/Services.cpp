//===- Services.cpp - What generated code calls ---------------------------===//
//
// sym_rt_* of function variants; those of host programs are in Host.cpp.
//
//===----------------------------------------------------------------------===//

#include "../base/FloatText.h"
#include "../base/Text.h"
#include "CallOnDevice.h"

#include <stdio.h>

using namespace sym::rt;

static SYM_NOINLINE void *failSlot(CallFrame &call, int32_t slot,
                                   const int64_t *sizes, const char *problem) {
  const Function &f = call.function;
  const SlotPlan &plan = f.slots[slot];
  char text[kTypeTextCapacity];
  bool isResult = slot < f.numResults;
  int number = isResult ? slot : slot - f.numResults;
  fail(SYM_SHAPE_MISMATCH, "function '%s', %s %d, %s: %s", f.desc->name,
       isResult ? "result" : "update", number,
       typeText(plan.element, plan.rank, sizes, text), problem);
  return call.refuse();
}

bool sym::rt::hasRoom(CallFrame &call, int32_t slot, const int64_t *sizes,
                      int64_t *bytes) {
  const SlotPlan &plan = call.function.slots[slot];
  const char *problem = nullptr;
  if (!checkedBytes(plan.elementSize, sizes, plan.rank, bytes))
    problem = "its size in bytes exceeds 63 bits";
  else if (uint64_t(*bytes) > call.results[slot].capacity)
    problem = "it does not fit into the caller's buffer";
  if (problem)
    failSlot(call, slot, sizes, problem);
  return !problem;
}

/// Decides, now that the size is known, whether a result goes straight into
/// the caller's memory.
static bool fitsDirectly(const sym_result &result, int32_t elementSize,
                         int64_t bytes) {
  // Generated code may use aligned vector stores, except on values too small
  // to hold a vector.
  uintptr_t address = reinterpret_cast<uintptr_t>(result.buffer);
  uintptr_t unit =
      bytes <= 16 ? uintptr_t(elementSize) : uintptr_t(SYM_BUFFER_ALIGNMENT);
  return (address & (unit - 1)) == 0; // a division would cost a lock's time
}

void *sym_rt_result(sym_frame *frame, int32_t slot, const int64_t *sizes) {
  CallFrame &call = callOf(frame);
  const Function &f = call.function;
  const SlotPlan &plan = f.slots[slot];
  sym_view &view = frame->slots[slot];

  if (SYM_UNLIKELY(call.produced[slot] != nullptr))
    return failSlot(call, slot, sizes, "it was made twice");
  if (plan.staticSizes)
    for (int i = 0; i < plan.rank; ++i)
      if (plan.staticSizes[i] != SYM_DYNAMIC && plan.staticSizes[i] != sizes[i])
        return failSlot(call, slot, sizes, "it does not fit its static sizes");

  if (SYM_UNLIKELY(plan.space))
    return resultOnDevice(call, slot, sizes);
  if (slot < f.numResults && call.results[slot].buffer) {
    const sym_result &result = call.results[slot];
    int64_t bytes;
    if (!hasRoom(call, slot, sizes, &bytes))
      return nullptr;
    if (call.routes[slot] == ResultRoute::Direct &&
        fitsDirectly(result, plan.elementSize, bytes)) {
      copySizes(view.sizes, sizes, plan.rank);
      return view.data = result.buffer;
    }
    call.routes[slot] = ResultRoute::Staged;
  }
  Buffer *buffer = createBuffer(plan.element, plan.rank, sizes);
  if (SYM_UNLIKELY(!buffer))
    return call.refuse();
  copySizes(view.sizes, sizes, plan.rank);
  call.produced[slot] = buffer;
  return view.data = buffer->data;
}

int32_t sym_rt_result_from_source(sym_frame *frame, int32_t slot,
                                  int32_t source) {
  CallFrame &call = callOf(frame);
  const Function &f = call.function;
  sym_status status;
  if (SYM_UNLIKELY(f.onDevice) &&
      resultFromSourceOnDevice(call, slot, source, &status))
    return status;
  const Buffer *buffer = call.sources[source];
  // T3: a source that this variant will overwrite is copied now. So is lent
  // memory, which the result would hold up (C1), a relaxed value that stays,
  // since others go on writing it (T7), and everything that the caller wants in
  // memory of its own.
  int u = f.updateOfSource[source];
  bool overwritten = call.inPlace && u >= 0 &&
                     f.desc->updates[u].inplace_kind == SYM_KIND_INPLACE;
  bool moving = f.variables[source]->relaxed() && (u < 0 || overwritten);
  if (overwritten || moving || buffer->lent() || call.results[slot].buffer ||
      call.mode == CallMode::Host) {
    void *data = sym_rt_result(frame, slot, buffer->sizes);
    if (!data)
      return call.status;
    if (moving)
      copyMoving(data, buffer);
    else if (buffer->bytes)
      memcpy(data, buffer->data, size_t(buffer->bytes));
    return SYM_OK;
  }
  for (int i = 0; i < buffer->rank; ++i)
    frame->slots[slot].sizes[i] = buffer->sizes[i];
  frame->slots[slot].data = buffer->data;
  call.routes[slot] = ResultRoute::Handed;
  call.handedFrom[slot] = source;
  return SYM_OK;
}

void *sym_rt_arena(sym_frame *frame, int64_t bytes) {
  FrameRecord &record = recordOf(frame);
  if (SYM_UNLIKELY(record.arena != nullptr))
    return sym_rt_alloc(frame, bytes);
  record.arena = acquireArena(bytes, &record.arenaCapacity);
  return record.arena ? record.arena : record.refuse();
}

void *sym_rt_alloc(sym_frame *frame, int64_t bytes) {
  FrameRecord &record = recordOf(frame);
  Buffer *buffer = createBlock(bytes);
  if (SYM_UNLIKELY(!buffer))
    return record.refuse();
  record.adopt(buffer);
  return buffer->data;
}

void sym_rt_free(sym_frame *frame, void *data) {
  FrameRecord &record = recordOf(frame);
  if (data && data != record.arena)
    record.drop(bufferOfData(data));
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

/// Writes one value of a failed check; returns the length.
static int valueText(int32_t element, int64_t bits, char *out) {
  switch (elementInfo(element).kind) {
  case ElementClass::Bool:
    return snprintf(out, 8, bits ? "true" : "false");
  case ElementClass::Float: {
    double value;
    memcpy(&value, &bits, sizeof(value));
    return scalarText(value, element, ".0", out);
  }
  case ElementClass::Unsigned:
    return integerText(static_cast<unsigned __int128>(uint64_t(bits)), true,
                       out);
  default:
    return integerText(bits, false, out);
  }
}

int32_t sym_rt_fail(sym_frame *frame, const sym_check_site *site,
                    const int64_t *values) {
  char message[kMessageCapacity];
  int length = 0;
  auto add = [&](const char *text, int count) {
    for (int i = 0; i < count && length < kMessageCapacity - 1; ++i)
      message[length++] = text[i];
  };
  for (const char *p = site->message; *p;) {
    // {k} stands for value k; other braces stand for themselves.
    int index = 0;
    const char *q = p + 1;
    if (*p == '{')
      for (; *q >= '0' && *q <= '9' && index < 10000; ++q)
        index = index * 10 + (*q - '0');
    if (*p != '{' || q == p + 1 || *q != '}' || index >= site->num_values) {
      add(p++, 1);
      continue;
    }
    char text[kFloatTextCapacity];
    add(text, valueText(site->value_types[index], values[index], text));
    p = q + 1;
  }
  message[length] = 0;
  failAt(site->status, site->location, message);
  FrameRecord &record = recordOf(frame);
  if (record.status == SYM_OK)
    record.status = site->status;
  return site->status;
}
