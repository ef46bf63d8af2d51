//===- Call.cpp - A call is a transaction ---------------------------------===//
//
// The order of things (T1–T6, T8; docs/runtime.md tells why):
//   1  arguments are checked, and copied where they must be
//   2  flags of what is updated are looked at: BORROWED at once (B3)
//   3  locks by id; then heads, pins and sources — a call without updates is
//      linearized here
//   4  a variant is chosen and run; everything that can fail happens in it,
//      before its first write to a source
//   5  commit: pointers are exchanged — a call with updates is linearized here
//   6  locks are released, replaced values dropped, results handed over
//
//===----------------------------------------------------------------------===//

#include "../memory/ThreadState.h"
#include "Frame.h"

#include <alloca.h>
#include <stdio.h>

using namespace sym::rt;

//===----------------------------------------------------------------------===//
// The frame's memory
//===----------------------------------------------------------------------===//

int64_t CallFrame::bytesFor(const Function &f) {
  int64_t views = f.numArgs + f.numReads + f.numSlots;
  int64_t pointers = f.numReads + f.numSlots + f.numUpdates;
  return views * int64_t(sizeof(sym_view)) + 8 * int64_t(f.sizesEntries) +
         8 * pointers + 4 * int64_t(f.numResults) + f.numResults + f.numReads;
}

void CallFrame::layOut(char *memory) {
  const Function &f = function;
  abi.args = reinterpret_cast<sym_view *>(memory);
  abi.sources = abi.args + f.numArgs;
  abi.slots = abi.sources + f.numReads;
  abi.runtime = static_cast<FrameRecord *>(this);
  int64_t *sizes = reinterpret_cast<int64_t *>(abi.slots + f.numSlots);
  sources = reinterpret_cast<Buffer **>(sizes + f.sizesEntries);
  produced = sources + f.numReads;
  replaced = produced + f.numSlots;
  handedFrom = reinterpret_cast<int32_t *>(replaced + f.numUpdates);
  routes = reinterpret_cast<ResultRoute *>(handedFrom + f.numResults);
  taken = reinterpret_cast<uint8_t *>(routes + f.numResults);
  for (int i = 0; i < f.numSlots; ++i) {
    abi.slots[i] = {nullptr, sizes + f.slots[i].sizesOffset};
    produced[i] = nullptr;
  }
  for (int u = 0; u < f.numUpdates; ++u)
    replaced[u] = nullptr;
}

void FrameRecord::freeTemporaries() {
  while (Buffer *buffer = temporaries) {
    temporaries = buffer->frame.next;
    releaseBuffer(buffer);
  }
}

namespace {
/// One call, step by step. Every step returns a status; the destructor of the
/// frame and `unlock` undo what was done.
class Call : public CallFrame {
public:
  using CallFrame::CallFrame;

  sym_status run(ThreadState &thread) {
    if (sym_status s = bindArguments(thread))
      return s;
    if (sym_status s = routeResults())
      return s;
    if (sym_status s = refuseIfBorrowed())
      return s;
    lock();
    sym_status s = runLocked(thread);
    unlock();
    // Past the locks: buffers go back, lenders hear of it (T6), results get
    // where they belong. None of it can fail.
    for (int u = 0; u < function.numUpdates; ++u)
      releaseBuffer(replaced[u]);
    unpinSources();
    deliver(s == SYM_OK);
    return s;
  }

private:
  sym_status bindArguments(ThreadState &thread);
  sym_status protectMutable(ThreadState &thread);
  sym_status copyArgument(int index, ThreadState &thread);
  static bool fitsPlan(const sym_tensor &value, const ArgumentPlan &plan);
  sym_status describeBadArgument(int index);
  sym_status routeResults();
  bool touchesArgument(const void *data, int64_t bytes, int except) const;
  int64_t argumentBytes(int index) const;

  sym_status refuseIfBorrowed() const {
    const Function &f = function;
    for (int i = 0; i < f.numLocks; ++i)
      if (f.locks[i].exclusive &&
          f.locks[i].variable->flag.load(std::memory_order_acquire))
        return refuseBorrowed(*f.locks[i].variable);
    return SYM_OK;
  }
  void lock();
  void unlock();
  void unpinSources();
  sym_status runLocked(ThreadState &thread);
  sym_status takeSources();
  bool mayWriteSources(ThreadState &thread) const;
  sym_status commit(ThreadState &thread);
  sym_status chooseBuffers();
  void deliver(bool succeeded);
  sym_status brokenContract(const char *what) const {
    return fail(SYM_INVALID_ARGUMENT, "function '%s' broke the ABI: %s",
                function.desc->name, what);
  }
};

//===----------------------------------------------------------------------===//
// 1: arguments and results
//===----------------------------------------------------------------------===//

int64_t Call::argumentBytes(int index) const {
  int64_t bytes = 0;
  checkedBytes(function.args[index].elementSize, abi.args[index].sizes,
               function.args[index].rank, &bytes); // cannot fail any more
  return bytes;
}

SYM_NOINLINE sym_status Call::describeBadArgument(int index) {
  const sym_value_desc &desc = *function.args[index].desc;
  char what[256];
  snprintf(what, sizeof(what), "function '%s', argument %d%s%s%s",
           function.desc->name, index, desc.name ? " ('" : "",
           desc.name ? desc.name : "", desc.name ? "')" : "");
  return checkTensor(args[index], desc.type, what);
}

SYM_NOINLINE sym_status Call::copyArgument(int index, ThreadState &thread) {
  sym_tensor value = args[index];
  value.data = abi.args[index].data; // an earlier copy, if there is one
  if (value.data != args[index].data)
    value.strides = nullptr;
  Buffer *copy = copyTensor(value);
  if (!copy)
    return lastStatus();
  adopt(copy);
  abi.args[index].data = copy->data;
  thread.count(Counter::ArgumentCopies);
  return SYM_OK;
}

/// What checkTensor checks, without the words.
inline bool Call::fitsPlan(const sym_tensor &value, const ArgumentPlan &plan) {
  if (value.element != plan.element || value.rank != plan.rank)
    return false;
  if (plan.rank == 0)
    return value.data;
  if (!value.sizes)
    return false;
  const int64_t *sizes = plan.desc->type.sizes;
  for (int i = 0; i < plan.rank; ++i)
    if (value.sizes[i] < 0 ||
        (sizes[i] != SYM_DYNAMIC && sizes[i] != value.sizes[i]))
      return false;
  int64_t bytes;
  return checkedBytes(plan.elementSize, value.sizes, plan.rank, &bytes) &&
         (value.data || bytes == 0);
}

inline sym_status Call::bindArguments(ThreadState &thread) {
  const Function &f = function;
  for (int i = 0; i < f.numArgs; ++i) {
    const ArgumentPlan &plan = f.args[i];
    const sym_tensor &value = args[i];
    if (SYM_UNLIKELY(!fitsPlan(value, plan)))
      return describeBadArgument(i);
    // The sizes are the user's; generated code does not write them.
    abi.args[i] = {value.data, const_cast<int64_t *>(value.sizes)};
    bool aligned = (reinterpret_cast<uintptr_t>(value.data) &
                    uintptr_t(plan.elementSize - 1)) == 0;
    if (SYM_UNLIKELY(!aligned || (value.strides && !isDense(value))))
      if (sym_status s = copyArgument(i, thread))
        return s;
  }
  return SYM_UNLIKELY(f.anyMutable) ? protectMutable(thread)
                                    : sym_status(SYM_OK);
}

bool Call::touchesArgument(const void *data, int64_t bytes, int except) const {
  for (int i = 0; i < function.numArgs; ++i)
    if (i != except &&
        overlaps(data, bytes, abi.args[i].data, argumentBytes(i)))
      return true;
  return false;
}

/// B4, B6, S1: what may be written is the function's own, or the user's and
/// nobody else's.
sym_status Call::protectMutable(ThreadState &thread) {
  for (int i = 0; i < function.numArgs; ++i) {
    const ArgumentPlan &plan = function.args[i];
    if (!(plan.flags & SYM_FLAG_MUTABLE))
      continue;
    void *data = abi.args[i].data;
    int64_t bytes = argumentBytes(i);
    if (overlapsLent(data, bytes))
      return fail(SYM_INVALID_ARGUMENT,
                  "function '%s', argument %d: it is mutable, but its memory "
                  "is lent to a variable",
                  function.desc->name, i);
    bool copied = data != args[i].data;
    // Memory of the pool is a pinned value, or state: never written.
    if (!copied && (!(plan.flags & SYM_FLAG_BORROW) || isPoolMemory(data) ||
                    touchesArgument(data, bytes, i)))
      if (sym_status s = copyArgument(i, thread))
        return s;
  }
  return SYM_OK;
}

inline sym_status Call::routeResults() {
  const Function &f = function;
  for (int i = 0; i < f.numResults; ++i) {
    const sym_result &result = results[i];
    if (!result.buffer) {
      routes[i] = ResultRoute::Array;
      continue;
    }
    // Whether it can be written directly depends on its size, which
    // sym_rt_result learns; overlaps decide now (B1).
    bool clash = touchesArgument(result.buffer, int64_t(result.capacity), -1) ||
                 overlapsLent(result.buffer, int64_t(result.capacity));
    for (int j = 0; j < i; ++j)
      if (results[j].buffer &&
          overlaps(result.buffer, int64_t(result.capacity), results[j].buffer,
                   int64_t(results[j].capacity)))
        return fail(SYM_INVALID_ARGUMENT,
                    "function '%s': the buffers of results %d and %d overlap",
                    f.desc->name, j, i);
    routes[i] = clash ? ResultRoute::Staged : ResultRoute::Direct;
  }
  return SYM_OK;
}

//===----------------------------------------------------------------------===//
// 3: locks, snapshot
//===----------------------------------------------------------------------===//

inline void Call::lock() {
  const Function &f = function;
  for (int i = 0; i < f.numLocks; ++i)
    if (f.locks[i].exclusive)
      f.locks[i].variable->lock.lockExclusive();
    else
      f.locks[i].variable->lock.lockShared();
}

inline void Call::unlock() {
  const Function &f = function;
  for (int i = f.numLocks - 1; i >= 0; --i)
    if (f.locks[i].exclusive)
      f.locks[i].variable->lock.unlockExclusive();
    else
      f.locks[i].variable->lock.unlockShared();
}

/// A call without updates read its double-buffered variables through pins.
inline void Call::unpinSources() {
  const Function &f = function;
  if (f.numUpdates == 0 && f.numHeads)
    for (int k = 0; k < f.numReads; ++k)
      if (f.variables[k]->doubleBuffered)
        releaseBuffer(sources[k]);
}

inline sym_status Call::takeSources() {
  const Function &f = function;
  if (f.numUpdates == 0 && f.numHeads) {
    HeadsGuard heads(f.heads, f.numHeads);
    for (int k = 0; k < f.numReads; ++k) {
      sources[k] = f.variables[k]->current;
      if (sources[k] && f.variables[k]->doubleBuffered)
        sources[k]->retain();
    }
  } else {
    for (int k = 0; k < f.numReads; ++k)
      sources[k] = f.variables[k]->current;
  }
  for (int k = 0; k < f.numReads; ++k) {
    if (SYM_UNLIKELY(!sources[k]))
      return refuseUninitialized(*f.variables[k]); // S4
    abi.sources[k] = {sources[k]->data, sources[k]->sizes};
  }
  return SYM_OK;
}

/// C1 and invariant 4: whether every update in place may write its source.
inline bool Call::mayWriteSources(ThreadState &thread) const {
  const Function &f = function;
  if (!f.hasInPlace || f.anyDoubleInPlace)
    return false;
  int64_t obstacles = 0;
  for (int u = 0; u < f.numUpdates; ++u) {
    const sym_update_desc &update = f.desc->updates[u];
    if (update.inplace_kind != SYM_KIND_INPLACE)
      continue;
    const Buffer *source = sources[update.variable];
    if (SYM_UNLIKELY(source->lent() || !source->unpinned() ||
                     touchesArgument(source->data, source->bytes, -1)))
      ++obstacles;
  }
  if (SYM_LIKELY(obstacles == 0))
    return true;
  thread.count(Counter::CopyOnWrite, obstacles);
  return false;
}

//===----------------------------------------------------------------------===//
// 4, 5: run and commit
//===----------------------------------------------------------------------===//

inline sym_status Call::runLocked(ThreadState &thread) {
  const Function &f = function;
  // The flag again, now that L keeps it down (B3).
  if (sym_status s = refuseIfBorrowed())
    return s;
  if (sym_status s = takeSources())
    return s;
  inPlace = mayWriteSources(thread);
  for (int u = 0; u < f.numUpdates; ++u) {
    const sym_update_desc &update = f.desc->updates[u];
    if (inPlace && update.inplace_kind == SYM_KIND_INPLACE)
      abi.slots[f.numResults + u] = abi.sources[update.variable];
  }
  if (int32_t code = f.entry[inPlace](&abi)) {
    if (status == SYM_OK)
      return fail(code, "function '%s' failed without saying why",
                  f.desc->name);
    return status;
  }
  return commit(thread);
}

/// Finds the buffer that each update publishes; no state changes. What fails
/// here is an error of the compiler, since variants cannot fail any more.
sym_status Call::chooseBuffers() {
  const Function &f = function;
  for (int u = 0; u < f.numUpdates; ++u) {
    const sym_update_desc &update = f.desc->updates[u];
    int32_t kind = inPlace ? update.inplace_kind : update.outofplace_kind;
    int slot = f.numResults + u;
    Buffer *buffer = produced[slot];
    int from = -1;
    if (kind == SYM_KIND_INPLACE)
      continue;
    if (kind == SYM_KIND_MOVED)
      from = inPlace ? update.inplace_moved_from : update.outofplace_moved_from;
    else if (kind == SYM_KIND_SELECTED &&
             !(buffer && abi.slots[slot].data == buffer->data))
      for (int k = 0; k < f.numReads; ++k)
        if (abi.slots[slot].data == sources[k]->data)
          from = k;
    if (from < 0) {
      if (!buffer)
        return brokenContract("an update has no value");
      continue;
    }
    if (taken[from]++)
      return brokenContract("two updates take one source");
    // S1: the variable that loses its buffer gets another one.
    int owner = f.updateOfSource[from];
    if (owner < 0 ||
        (inPlace && f.desc->updates[owner].inplace_kind == SYM_KIND_INPLACE))
      return brokenContract("a move from a variable that keeps its value");
    if (const int64_t *sizes = f.slots[slot].staticSizes)
      for (int i = 0; i < f.slots[slot].rank; ++i)
        if (sizes[i] != SYM_DYNAMIC && sizes[i] != sources[from]->sizes[i])
          return brokenContract("a moved value does not fit its variable");
    releaseBuffer(buffer); // made, but not selected
    produced[slot] = sources[from];
  }
  return SYM_OK;
}

inline sym_status Call::commit(ThreadState &thread) {
  const Function &f = function;
  for (int i = 0; i < f.numResults; ++i)
    if (SYM_UNLIKELY(!abi.slots[i].data))
      return brokenContract("a result has no value");
  if (f.numUpdates) {
    for (int k = 0; k < f.numReads; ++k)
      taken[k] = 0;
    if (SYM_UNLIKELY(chooseBuffers() != SYM_OK)) {
      // Slots that were given a source's buffer must not free it.
      for (int u = 0; u < f.numUpdates; ++u)
        for (int k = 0; k < f.numReads; ++k)
          if (produced[f.numResults + u] == sources[k])
            produced[f.numResults + u] = nullptr;
      return SYM_INVALID_ARGUMENT;
    }
    HeadsGuard heads(f.heads, f.numHeads);
    int64_t exchanges = 0;
    for (int u = 0; u < f.numUpdates; ++u) {
      Buffer *&value = produced[f.numResults + u];
      if (!value)
        continue; // in place
      Variable *v = f.variables[f.desc->updates[u].variable];
      int32_t source = f.desc->updates[u].variable;
      bool movedOn = source < f.numReads && taken[source];
      replaced[u] = movedOn ? nullptr : v->current;
      v->current = value;
      value = nullptr;
      ++exchanges;
    }
    if (exchanges)
      thread.count(Counter::Exchanges, exchanges);
  }
  // Results that are sources: the buffer itself if its variable lets it go,
  // else a pin, taken while L is held (invariant 3).
  for (int i = 0; i < f.numResults; ++i) {
    if (SYM_LIKELY(routes[i] != ResultRoute::Handed))
      continue;
    Buffer *buffer = sources[handedFrom[i]];
    int u = f.updateOfSource[handedFrom[i]];
    if (u >= 0 && replaced[u] == buffer)
      replaced[u] = nullptr;
    else
      buffer->retain();
    produced[i] = buffer;
  }
  if (inPlace)
    thread.count(Counter::CallsInPlace);
  return SYM_OK;
}

//===----------------------------------------------------------------------===//
// 6: results
//===----------------------------------------------------------------------===//

inline void Call::deliver(bool succeeded) {
  const Function &f = function;
  if (SYM_UNLIKELY(!succeeded)) {
    for (int i = 0; i < f.numSlots; ++i)
      releaseBuffer(produced[i]);
    return;
  }
  for (int i = 0; i < f.numResults; ++i) {
    Buffer *buffer = produced[i];
    sym_result &result = results[i];
    if (!result.buffer) {
      result.array = buffer;
      if (result.sizes)
        for (int k = 0; k < buffer->rank; ++k)
          result.sizes[k] = buffer->sizes[k];
      continue;
    }
    result.array = nullptr;
    if (result.sizes)
      for (int k = 0; k < f.slots[i].rank; ++k)
        result.sizes[k] = abi.slots[i].sizes[k];
    if (routes[i] == ResultRoute::Staged) {
      memcpy(result.buffer, buffer->data, size_t(buffer->bytes));
      releaseBuffer(buffer);
    }
  }
}
} // namespace

sym_status sym::rt::invoke(const Function &function, const sym_tensor *args,
                           sym_result *results, CallMode mode) {
  constexpr int64_t kMaxStack = 16 << 10;
  ThreadState &thread = thisThread();
  thread.count(Counter::Calls);
  bool onStack = SYM_LIKELY(function.frameBytes <= kMaxStack);
  char *memory = onStack
                     ? static_cast<char *>(alloca(size_t(function.frameBytes)))
                     : static_cast<char *>(allocate(function.frameBytes));
  sym_status status = SYM_OUT_OF_MEMORY;
  if (SYM_LIKELY(memory != nullptr)) {
    Call call(function, args, results, mode);
    call.layOut(memory);
    status = call.run(thread);
  }
  if (SYM_UNLIKELY(!onStack))
    deallocate(memory, function.frameBytes);
  if (SYM_UNLIKELY(status != SYM_OK))
    thread.count(Counter::FailedCalls);
  return status;
}

sym_status sym_call(sym_function *function, const sym_tensor *args,
                    int32_t num_args, sym_result *results,
                    int32_t num_results) {
  if (SYM_UNLIKELY(num_args != function->numArgs ||
                   num_results != function->numResults))
    return fail(SYM_INVALID_ARGUMENT,
                "function '%s' takes %d arguments and gives %d results; %d and "
                "%d were passed",
                function->desc->name, int(function->numArgs),
                int(function->numResults), int(num_args), int(num_results));
  return invoke(*function, args, results, CallMode::Public);
}
