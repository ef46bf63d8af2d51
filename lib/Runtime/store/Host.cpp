//===- Host.cpp - Running host programs -----------------------------------===//

#include "Host.h"
#include "../base/Stack.h"

#include <alloca.h>
#include <stdio.h>

using namespace sym::rt;

namespace {
HostFrame &hostOf(sym_frame *frame) {
  return static_cast<HostFrame &>(recordOf(frame));
}

/// The status of a service is also the program's, unless there is one already.
sym_status record(HostFrame &host, sym_status status) {
  if (status && host.status == SYM_OK)
    host.status = status;
  return status;
}

sym_tensor tensorOf(const sym_view &view, int32_t element, int32_t rank) {
  return {view.data, element, rank, view.sizes, nullptr, SYM_SPACE_HOST, 0};
}

/// Gives the program a buffer of its own and shows it in `view`.
void show(HostFrame &host, Buffer *buffer, sym_view *view) {
  host.adopt(buffer);
  view->data = buffer->data;
  for (int i = 0; i < buffer->rank; ++i)
    view->sizes[i] = buffer->sizes[i];
}

void freeBorrow(HostBorrow *borrow) {
  deallocate(borrow, int64_t(sizeof(HostBorrow)));
}

SYM_CONSTINIT std::atomic<void (*)(void *, const char *)> printHandler{nullptr};
SYM_CONSTINIT std::atomic<void *> printContext{nullptr};
} // namespace

HostFrame::~HostFrame() {
  while (HostBorrow *borrow = borrows) {
    unlink(borrow);
    if (borrow->exclusive)
      sym_write_borrow_rollback(borrow->exclusive);
    releaseBuffer(borrow->pin);
    releaseBuffer(borrow->shown);
    freeBorrow(borrow);
  }
}

void HostFrame::unlink(HostBorrow *borrow) {
  (borrow->previous ? borrow->previous->next : borrows) = borrow->next;
  if (borrow->next)
    borrow->next->previous = borrow->previous;
}

//===----------------------------------------------------------------------===//
// Calls and values
//===----------------------------------------------------------------------===//

/// What a handle of a program stands for.
static Buffer *bufferOfHandle(void *handle) {
  return static_cast<Buffer *>(handle);
}

int32_t sym_rt_call(sym_frame *frame, int32_t function, const sym_view *args,
                    sym_view *results) {
  return sym_rt_call_device(frame, function, args, results, nullptr);
}

int32_t sym_rt_call_device(sym_frame *frame, int32_t function,
                           const sym_view *args, sym_view *results,
                           const uint8_t *on_device) {
  HostFrame &host = hostOf(frame);
  const Function &f = *host.instance.functions[function];
  // B5: before the call, since it may not look at them either.
  for (int u = 0; u < f.numUpdates; ++u)
    host.scopedViews.invalidate(*f.updates[u].variable);
  size_t bytes = size_t(f.numArgs) * sizeof(sym_tensor) +
                 size_t(f.numResults) * sizeof(sym_result);
  constexpr size_t kMaxStack = 16 << 10;
  void *memory =
      bytes <= kMaxStack ? alloca(bytes) : sym_rt_alloc(frame, int64_t(bytes));
  if (!memory)
    return host.status;
  auto *tensors = static_cast<sym_tensor *>(memory);
  auto *slots = reinterpret_cast<sym_result *>(tensors + f.numArgs);
  for (int i = 0; i < f.numArgs; ++i)
    if (on_device && on_device[i])
      tensors[i] = sym_array_view(bufferOfHandle(args[i].data));
    else
      tensors[i] = tensorOf(args[i], f.args[i].element, f.args[i].rank);
  const uint8_t *keep = on_device ? on_device + f.numArgs : nullptr;
  for (int i = 0; i < f.numResults; ++i)
    slots[i] = {nullptr, 0, nullptr, nullptr};
  sym_status status = invoke(f, tensors, slots, CallMode::Host, keep);
  if (status == SYM_OK)
    for (int i = 0; i < f.numResults; ++i) {
      show(host, slots[i].array, &results[i]);
      if (keep && keep[i])
        results[i].data = slots[i].array;
    }
  if (bytes > kMaxStack)
    sym_rt_free(frame, memory);
  return record(host, status);
}

int32_t sym_rt_fetch(sym_frame *frame, void *handle, sym_view *result) {
  HostFrame &host = hostOf(frame);
  Buffer *copy = copyBufferTo({}, bufferOfHandle(handle));
  if (!copy)
    return record(host, lastStatus());
  show(host, copy, result);
  return SYM_OK;
}

void sym_rt_drop(sym_frame *frame, void *handle) {
  recordOf(frame).drop(bufferOfHandle(handle));
}

int32_t sym_rt_get_value(sym_frame *frame, int32_t variable, sym_view *result) {
  HostFrame &host = hostOf(frame);
  Buffer *buffer;
  if (sym_status s =
          sym_variable_get(host.instance.variables[variable], &buffer))
    return record(host, s);
  show(host, buffer, result);
  return SYM_OK;
}

int32_t sym_rt_set_value(sym_frame *frame, int32_t variable,
                         const sym_view *value) {
  HostFrame &host = hostOf(frame);
  Variable *v = host.instance.variables[variable];
  host.scopedViews.invalidate(*v);
  sym_tensor tensor = tensorOf(*value, v->type.element, v->type.rank);
  return record(host, sym_variable_set(v, &tensor));
}

int32_t sym_rt_check_stack(sym_frame *frame, const sym_check_site *site) {
  HostFrame &host = hostOf(frame);
  if (SYM_UNLIKELY(isStackNearlyFull(host.stackBase)))
    return sym_rt_fail(frame, site, nullptr);
  return SYM_OK;
}

//===----------------------------------------------------------------------===//
// Borrows
//===----------------------------------------------------------------------===//

/// The private copy of a variable on a device has another on the host, which
/// the program works on; what it commits goes up again.
static sym_status beginExclusive(HostBorrow &borrow) {
  if (sym_status s =
          sym_variable_borrow_mut(borrow.variable, &borrow.exclusive))
    return s;
  if (!borrow.variable->place.onDevice())
    return SYM_OK;
  sym_array *copy = sym_write_borrow_array(borrow.exclusive);
  borrow.shown = copyBufferTo({}, copy);
  releaseBuffer(copy);
  if (borrow.shown)
    return SYM_OK;
  sym_status status = lastStatus();
  sym_write_borrow_rollback(borrow.exclusive);
  return status;
}

int32_t sym_rt_borrow(sym_frame *frame, int32_t variable, int32_t kind,
                      void **handle, sym_view *view) {
  HostFrame &host = hostOf(frame);
  Variable *v = host.instance.variables[variable];
  auto *borrow =
      static_cast<HostBorrow *>(allocate(int64_t(sizeof(HostBorrow))));
  if (!borrow)
    return record(host, lastStatus());
  borrow->variable = v;
  borrow->pin = nullptr;
  borrow->scoped = nullptr;
  borrow->exclusive = nullptr;
  // A scoped borrow is pinned as well: the checker sees this program, but not
  // the other threads that may update the variable meanwhile.
  // The program sees memory of the host: of a variable on a device a copy,
  // which needs no pin to stay what it is.
  borrow->shown = nullptr;
  sym_status status;
  if (kind == SYM_BORROW_EXCLUSIVE)
    status = beginExclusive(*borrow);
  else if (v->place.onDevice())
    status = sym_variable_get(v, &borrow->pin);
  else
    status = sym_variable_borrow(v, &borrow->pin);
  if (!status && kind == SYM_BORROW_SCOPED && ScopedViews::wanted()) {
    borrow->scoped = host.scopedViews.create(*v, *borrow->pin);
    if (!borrow->scoped) {
      status = lastStatus();
      releaseBuffer(borrow->pin);
    }
  }
  if (status) {
    freeBorrow(borrow);
    return record(host, status);
  }
  borrow->previous = nullptr;
  borrow->next = host.borrows;
  if (host.borrows)
    host.borrows->previous = borrow;
  host.borrows = borrow;
  sym_tensor shown = borrow->pin     ? sym_array_view(borrow->pin)
                     : borrow->shown ? sym_array_view(borrow->shown)
                                     : sym_write_borrow_view(borrow->exclusive);
  view->data = shown.data;
  for (int i = 0; i < shown.rank; ++i)
    view->sizes[i] = shown.sizes[i];
  if (borrow->scoped) {
    view->data = borrow->scoped->shown;
    releaseBuffer(borrow->pin);
    borrow->pin = nullptr;
  }
  *handle = borrow;
  return SYM_OK;
}

int32_t sym_rt_release(sym_frame *frame, void *handle, const sym_view *value) {
  HostFrame &host = hostOf(frame);
  auto *borrow = static_cast<HostBorrow *>(handle);
  host.unlink(borrow);
  sym_status status = SYM_OK;
  if (borrow->scoped) {
    ScopedViews::release(borrow->scoped);
  } else if (borrow->pin) {
    releaseBuffer(borrow->pin);
  } else if (!value) {
    sym_write_borrow_rollback(borrow->exclusive);
  } else {
    host.scopedViews.invalidate(*borrow->variable);
    sym_tensor mine = sym_write_borrow_view(borrow->exclusive);
    bool same = mine.data == value->data;
    for (int i = 0; i < mine.rank && same; ++i)
      same = mine.sizes[i] == value->sizes[i];
    sym_tensor tensor = tensorOf(*value, mine.element, mine.rank);
    status = same ? sym_write_borrow_commit(borrow->exclusive)
                  : sym_write_borrow_commit_value(borrow->exclusive, &tensor);
  }
  releaseBuffer(borrow->shown);
  freeBorrow(borrow);
  return record(host, status);
}

//===----------------------------------------------------------------------===//
// Printing
//===----------------------------------------------------------------------===//

void sym_set_print_handler(void (*print)(void *context, const char *text),
                           void *context) {
  printContext.store(context, std::memory_order_relaxed);
  printHandler.store(print, std::memory_order_release);
}

int32_t sym_rt_print(sym_frame *frame, const char *label, int32_t element,
                     int32_t rank, const sym_view *value) {
  sym_tensor tensor = tensorOf(*value, element, rank);
  size_t before = label ? strlen(label) : 0;
  size_t length = sym_format(&tensor, nullptr, 0);
  int64_t bytes = int64_t(before + length + 2);
  char small[512];
  char *text = bytes <= int64_t(sizeof(small))
                   ? small
                   : static_cast<char *>(sym_rt_alloc(frame, bytes));
  if (!text)
    return recordOf(frame).status;
  if (label)
    memcpy(text, label, before);
  sym_format(&tensor, text + before, length + 1);
  text[before + length] = '\n';
  text[before + length + 1] = 0;
  if (auto print = printHandler.load(std::memory_order_acquire))
    print(printContext.load(std::memory_order_relaxed), text);
  else
    fputs(text, stdout);
  if (text != small)
    sym_rt_free(frame, text);
  return SYM_OK;
}
