//===- Call.cpp - A call is a transaction ---------------------------------===//
//
// The order of things (T1–T6, T8; docs/runtime.md tells why):
//   1  arguments are checked, and copied where they must be
//   2  locks by id; before the first wait the flags of what is updated are
//      looked at: BORROWED at once (B3)
//   3  the flags again; then heads, pins and sources — a call without updates
//      is linearized here
//   4  a variant is chosen and run; everything that can fail happens in it,
//      before its first write to a source
//   5  commit: pointers are exchanged — a call with updates is linearized here
//   6  locks are released, replaced values dropped, results handed over
//
//===----------------------------------------------------------------------===//

#include "CallOnDevice.h"
#include "InUse.h"

#include <alloca.h>
#include <stdio.h>

using namespace sym::rt;

//===----------------------------------------------------------------------===//
// The frame's memory
//===----------------------------------------------------------------------===//

FrameLayout CallFrame::layoutFor(const Function &f) {
  FrameLayout layout;
  int64_t offset = 0;
  auto place = [&](int64_t count, int64_t size) {
    int64_t at = offset;
    offset += count * size;
    return int32_t(at);
  };
  place(f.numArgs, sizeof(sym_view));
  layout.sources = place(f.numReads, sizeof(sym_view));
  layout.slots = place(f.numSlots, sizeof(sym_view));
  layout.sizes = place(f.sizesEntries, 8);
  layout.argBytes = place(f.numArgs, 8);
  layout.sourceBuffers = place(f.numReads, 8);
  layout.produced = place(f.numSlots, 8);
  layout.replaced = place(f.numUpdates, 8);
  layout.fetched = place(f.onDevice ? f.numResults : 0, 8);
  layout.saved = place(f.onDevice ? f.numUpdates : 0, 8);
  layout.handedFrom = place(f.numResults, 4);
  layout.routes = place(f.numResults, 1);
  layout.taken = place(f.numReads, 1);
  layout.bytes = offset;
  return layout;
}

inline void CallFrame::layOut(char *memory) {
  const Function &f = function;
  const FrameLayout &at = f.layout;
  auto *slots = reinterpret_cast<sym_view *>(memory + at.slots);
  auto *buffers = reinterpret_cast<Buffer **>(memory + at.produced);
  auto *sizes = reinterpret_cast<int64_t *>(memory + at.sizes);
  abi.args = reinterpret_cast<sym_view *>(memory);
  abi.sources = reinterpret_cast<sym_view *>(memory + at.sources);
  abi.slots = slots;
  abi.runtime = static_cast<FrameRecord *>(this);
  argBytes = reinterpret_cast<int64_t *>(memory + at.argBytes);
  sources = reinterpret_cast<Buffer **>(memory + at.sourceBuffers);
  produced = buffers;
  replaced = reinterpret_cast<Buffer **>(memory + at.replaced);
  fetched = reinterpret_cast<Buffer **>(memory + at.fetched);
  saved = reinterpret_cast<Buffer **>(memory + at.saved);
  handedFrom = reinterpret_cast<int32_t *>(memory + at.handedFrom);
  routes = reinterpret_cast<ResultRoute *>(memory + at.routes);
  taken = reinterpret_cast<uint8_t *>(memory + at.taken);
  for (int i = 0, n = f.numSlots; i < n; ++i) {
    slots[i] = {nullptr, sizes + f.slots[i].sizesOffset};
    buffers[i] = nullptr;
  }
  if (SYM_UNLIKELY(f.onDevice)) {
    for (int i = 0; i < f.numResults; ++i)
      fetched[i] = nullptr;
    for (int u = 0; u < f.numUpdates; ++u)
      saved[u] = nullptr;
  }
}

SYM_NOINLINE void CallFrame::resetSlots() {
  const Function &f = function;
  auto *memory = reinterpret_cast<char *>(abi.args);
  auto *sizes = reinterpret_cast<int64_t *>(memory + f.layout.sizes);
  for (int i = 0; i < f.numSlots; ++i)
    abi.slots[i] = {nullptr, sizes + f.slots[i].sizesOffset};
}

void FrameRecord::freeTemporaries() {
  while (Buffer *buffer = temporaries) {
    temporaries = buffer->frame.next;
    releaseBuffer(buffer);
  }
}

// The steps below take the function, and what they loop over, as locals: the
// frame is known to generated code, so the compiler must assume that any store
// changes any member of it.

static SYM_NOINLINE sym_status brokenContract(const Function &f,
                                              const char *what) {
  return fail(SYM_INVALID_ARGUMENT, "function '%s' broke the ABI: %s",
              f.desc->name, what);
}

//===----------------------------------------------------------------------===//
// 1: arguments and results
//===----------------------------------------------------------------------===//

/// Whether some argument overlaps [data, data+bytes).
static inline bool touchesArgument(const Function &f, const CallFrame &call,
                                   const void *data, int64_t bytes,
                                   int except = -1) {
  const sym_view *views = call.abi.args;
  const int64_t *argBytes = call.argBytes;
  for (int i = 0, n = f.numArgs; i < n; ++i)
    if (SYM_UNLIKELY(overlaps(data, bytes, views[i].data, argBytes[i])) &&
        i != except)
      return true;
  return false;
}

static SYM_NOINLINE sym_status describeBadArgument(const CallFrame &call,
                                                   int index) {
  const Function &f = call.function;
  const sym_value_desc &desc = *f.args[index].desc;
  char what[256];
  snprintf(what, sizeof(what), "function '%s', argument %d%s%s%s", f.desc->name,
           index, desc.name ? " ('" : "", desc.name ? desc.name : "",
           desc.name ? "')" : "");
  return checkTensor(call.args[index], desc.type, what);
}

static SYM_NOINLINE sym_status copyArgument(CallFrame &call, int index,
                                            ThreadState &thread) {
  Buffer *copy = copyTensorTo(
      call.function.args[index].space ? call.function.place : Place(),
      call.args[index]);
  if (!copy)
    return lastStatus();
  call.adopt(copy);
  call.abi.args[index].data = copy->data;
  thread.count(Counter::ArgumentCopies);
  traceInstant(TraceKind::ArgumentCopy, call.function.desc->name,
               call.argBytes[index], index);
  return SYM_OK;
}

// What checkTensor checks, without the words.
static SYM_NOINLINE bool fitsShape(const sym_tensor &value,
                                   const ArgumentPlan &plan, int64_t *bytes) {
  if (!value.sizes)
    return false;
  const int64_t *sizes = plan.desc->type.sizes;
  for (int i = 0; i < plan.rank; ++i)
    if (value.sizes[i] < 0 ||
        (sizes[i] != SYM_DYNAMIC && sizes[i] != value.sizes[i]))
      return false;
  return checkedBytes(plan.elementSize, value.sizes, plan.rank, bytes) &&
         (value.data || *bytes == 0);
}

static inline bool fitsPlan(const sym_tensor &value, const ArgumentPlan &plan,
                            int64_t *bytes) {
  if (value.element != plan.element || value.rank != plan.rank)
    return false;
  *bytes = plan.elementSize;
  return plan.rank == 0 ? value.data != nullptr : fitsShape(value, plan, bytes);
}

/// B4, B6, S1: what may be written is the function's own, or the user's and
/// nobody else's.
static SYM_NOINLINE sym_status protectMutable(CallFrame &call,
                                              ThreadState &thread) {
  const Function &f = call.function;
  for (int i = 0; i < f.numArgs; ++i) {
    const ArgumentPlan &plan = f.args[i];
    if (!(plan.flags & SYM_FLAG_MUTABLE))
      continue;
    const sym_view &view = call.abi.args[i];
    int64_t bytes = call.argBytes[i];
    if (overlapsLent(view.data, bytes))
      return fail(SYM_INVALID_ARGUMENT,
                  "function '%s', argument %d: it is mutable, but its memory "
                  "is lent to a variable",
                  f.desc->name, i);
    bool copied = view.data != call.args[i].data;
    // Memory of the pool is a pinned value, or state: never written. What is on
    // a device is likely to be, too.
    if (!copied && (!(plan.flags & SYM_FLAG_BORROW) || plan.space ||
                    isPoolMemory(view.data) ||
                    touchesArgument(f, call, view.data, bytes, i)))
      if (sym_status s = copyArgument(call, i, thread))
        return s;
  }
  return SYM_OK;
}

/// Whether an argument is where the variants do not take it from; at least one
/// of the two places is not the host.
static SYM_NOINLINE bool isElsewhere(const sym_tensor &value,
                                     const ArgumentPlan &plan,
                                     const Function &f) {
  return value.space != plan.space ||
         (plan.space && value.space_index != f.place.ordinal);
}

static inline sym_status bindArguments(CallFrame &call, const Function &f,
                                       ThreadState &thread) {
  const sym_tensor *args = call.args;
  sym_view *views = call.abi.args;
  int64_t *argBytes = call.argBytes;
  for (int i = 0, n = f.numArgs; i < n; ++i) {
    const ArgumentPlan &plan = f.args[i];
    const sym_tensor &value = args[i];
    if (SYM_UNLIKELY(!fitsPlan(value, plan, &argBytes[i])))
      return describeBadArgument(call, i);
    // The sizes are the user's; generated code does not write them.
    views[i] = {value.data, const_cast<int64_t *>(value.sizes)};
    bool aligned = (reinterpret_cast<uintptr_t>(value.data) &
                    uintptr_t(plan.alignment - 1)) == 0;
    if (SYM_UNLIKELY(
            !aligned || (value.strides && !isDense(value)) ||
            ((value.space | plan.space) && isElsewhere(value, plan, f))))
      if (sym_status s = copyArgument(call, i, thread))
        return s;
  }
  return SYM_UNLIKELY(f.anyMutable) ? protectMutable(call, thread)
                                    : sym_status(SYM_OK);
}

static inline sym_status routeResults(CallFrame &call, const Function &f) {
  const sym_result *results = call.results;
  ResultRoute *routes = call.routes;
  for (int i = 0, n = f.numResults; i < n; ++i) {
    const sym_result &result = results[i];
    if (!result.buffer) {
      routes[i] = ResultRoute::Array;
      continue;
    }
    // Whether it can be written directly depends on its size, which
    // sym_rt_result learns; overlaps decide now (B1).
    int64_t capacity = int64_t(result.capacity);
    bool clash = touchesArgument(f, call, result.buffer, capacity);
    if (overlapsLent(result.buffer, capacity))
      return fail(
          SYM_INVALID_ARGUMENT,
          "function '%s': the buffer of result %d is lent to a variable",
          f.desc->name, i); // S1: sym never writes it
    for (int j = 0; j < i; ++j)
      if (results[j].buffer &&
          overlaps(result.buffer, capacity, results[j].buffer,
                   int64_t(results[j].capacity)))
        return fail(SYM_INVALID_ARGUMENT,
                    "function '%s': the buffers of results %d and %d overlap",
                    f.desc->name, j, i);
    routes[i] = clash ? ResultRoute::Staged : ResultRoute::Direct;
  }
  return SYM_OK;
}

//===----------------------------------------------------------------------===//
// 2, 3: flags, locks, snapshot
//===----------------------------------------------------------------------===//

static inline sym_status refuseIfBorrowed(const Function &f) {
  for (int u = 0, n = f.numUpdates; u < n; ++u)
    if (SYM_UNLIKELY(
            f.updates[u].variable->flag.load(std::memory_order_acquire)))
      return refuseBorrowed(*f.updates[u].variable);
  return SYM_OK;
}

static inline void unlockFirst(const LockPlan *locks, int count) {
  for (int i = count - 1; i >= 0; --i)
    if (locks[i].exclusive)
      locks[i].variable->lock.unlockExclusive();
    else
      locks[i].variable->lock.unlockShared();
}

/// Goes on with lock `i`, which is not to be had at once. B3: nothing waits for
/// a lock while a write borrow stands in the way.
static SYM_NOINLINE sym_status lockFrom(const Function &f,
                                        const LockPlan *locks, int i) {
  if (sym_status s = refuseIfBorrowed(f)) {
    unlockFirst(locks, i);
    return s;
  }
  for (; i < f.numLocks; ++i)
    if (locks[i].exclusive)
      lockExclusive(*locks[i].variable);
    else
      lockShared(*locks[i].variable);
  return SYM_OK;
}

static inline sym_status lockAll(const Function &f, const LockPlan *locks) {
  for (int i = 0, n = f.numLocks; i < n; ++i)
    if (SYM_UNLIKELY(!(locks[i].exclusive
                           ? locks[i].variable->lock.tryLockExclusive()
                           : locks[i].variable->lock.tryLockShared())))
      return lockFrom(f, locks, i);
  return SYM_OK;
}

static SYM_NOINLINE void pinSources(CallFrame &call, const Function &f,
                                    ThreadState &thread) {
  call.pins.take(thread, f.variables, f.numReads, f.heads, f.numHeads,
                 call.sources);
}

static SYM_NOINLINE void unpinSources(CallFrame &call, const Function &f,
                                      ThreadState &thread) {
  call.pins.drop(thread, f.variables, f.numReads, call.sources);
}

/// A call without updates reads its double-buffered variables through pins.
static inline bool readsThroughPins(const Function &f) {
  return f.numUpdates == 0 && f.numHeads != 0;
}

static inline sym_status takeSources(CallFrame &call, const Function &f,
                                     ThreadState &thread) {
  Buffer **sources = call.sources;
  sym_view *views = call.abi.sources;
  bool pinned = readsThroughPins(f);
  if (SYM_UNLIKELY(pinned))
    pinSources(call, f, thread);
  for (int k = 0, n = f.numReads; k < n; ++k) {
    Buffer *source = pinned ? sources[k] : f.variables[k]->value();
    if (SYM_UNLIKELY(!source))
      return refuseUninitialized(*f.variables[k]); // S4
    sources[k] = source;
    views[k] = {source->data, source->sizes};
  }
  return SYM_OK;
}

/// C1 and invariant 4: whether every update in place may write its source. If
/// so, the slots of those updates show the sources. `final` is false while the
/// call may still come back with other locks.
static inline bool mayWriteSources(CallFrame &call, const Function &f,
                                   ThreadState &thread, bool final) {
  if (!f.hasInPlace || f.anyDoubleInPlace)
    return false;
  Buffer *const *sources = call.sources;
  sym_view *slots = call.abi.slots + f.numResults;
  int64_t obstacles = 0;
  for (int u = 0, n = f.numUpdates; u < n; ++u) {
    const UpdatePlan &update = f.updates[u];
    if (update.kind[1] != SYM_KIND_INPLACE)
      continue;
    const Buffer *source = sources[update.source];
    slots[u] = {source->data, source->sizes};
    if (SYM_UNLIKELY(source->lent() || !source->unpinned() ||
                     touchesArgument(f, call, source->data, source->bytes)))
      ++obstacles;
  }
  if (SYM_LIKELY(obstacles == 0))
    return true;
  if (final) {
    thread.count(Counter::CopyOnWrite, obstacles);
    traceInstant(TraceKind::CopyOnWrite, f.desc->name, obstacles);
  }
  call.resetSlots();
  return false;
}

//===----------------------------------------------------------------------===//
// 5: commit
//===----------------------------------------------------------------------===//

/// Resolves updates that take a source's buffer; no state changes. What fails
/// here is an error of the compiler, since variants cannot fail any more.
static SYM_NOINLINE sym_status chooseMoves(CallFrame &call, const Function &f) {
  const sym_view *slots = call.abi.slots + f.numResults;
  Buffer **produced = call.produced + f.numResults;
  for (int k = 0; k < f.numReads; ++k)
    call.taken[k] = 0;
  for (int u = 0; u < f.numUpdates; ++u) {
    const UpdatePlan &update = f.updates[u];
    int32_t kind = update.kind[call.inPlace];
    int from = -1;
    if (kind == SYM_KIND_MOVED)
      from = update.movedFrom[call.inPlace];
    else if (kind == SYM_KIND_SELECTED &&
             !(produced[u] && slots[u].data == produced[u]->data))
      for (int k = 0; k < f.numReads; ++k)
        if (slots[u].data == call.sources[k]->data)
          from = k;
    if (from < 0)
      continue;
    const Buffer *source = call.sources[from];
    if (call.taken[from]++)
      return brokenContract(f, "two updates take one source");
    // S1: the variable that loses its buffer gets another one.
    int owner = f.updateOfSource[from];
    if (placeOf(*source) != update.variable->place)
      return brokenContract(f, "a move between the host and a device");
    if (owner < 0 ||
        (call.inPlace && f.updates[owner].kind[1] == SYM_KIND_INPLACE))
      return brokenContract(f, "a move from a variable that keeps its value");
    const SlotPlan &slot = f.slots[f.numResults + u];
    if (slot.staticSizes)
      for (int i = 0; i < slot.rank; ++i)
        if (slot.staticSizes[i] != SYM_DYNAMIC &&
            slot.staticSizes[i] != source->sizes[i])
          return brokenContract(f, "a moved value does not fit its variable");
    releaseBuffer(produced[u]); // made, but not selected
    produced[u] = call.sources[from];
  }
  return SYM_OK;
}

/// Undoes chooseMoves: a slot that was given a source must not free it.
static SYM_NOINLINE void forgetMoves(CallFrame &call, const Function &f) {
  for (int u = 0; u < f.numUpdates; ++u)
    for (int k = 0; k < f.numReads; ++k)
      if (call.produced[f.numResults + u] == call.sources[k])
        call.produced[f.numResults + u] = nullptr;
}

/// What can be wrong with a commit; no state changes.
static inline sym_status checkUpdates(CallFrame &call, const Function &f) {
  Buffer **produced = call.produced + f.numResults;
  bool moves = f.anyMoves[call.inPlace];
  if (SYM_UNLIKELY(moves))
    if (sym_status s = chooseMoves(call, f)) {
      forgetMoves(call, f);
      return s;
    }
  for (int u = 0, n = f.numUpdates; u < n; ++u)
    if (SYM_UNLIKELY(!produced[u] &&
                     f.updates[u].kind[call.inPlace] != SYM_KIND_INPLACE)) {
      if (moves)
        forgetMoves(call, f);
      return brokenContract(f, "an update has no value");
    }
  return SYM_OK;
}

static inline void publishUpdates(CallFrame &call, const Function &f,
                                  ThreadState &thread) {
  Buffer **produced = call.produced + f.numResults;
  bool moves = f.anyMoves[call.inPlace];
  ExchangeGuard heads(f.heads, f.numHeads);
  int64_t exchanges = 0;
  for (int u = 0, n = f.numUpdates; u < n; ++u) {
    const UpdatePlan &update = f.updates[u];
    if (!produced[u])
      continue; // in place
    bool movedOn = moves && update.source >= 0 && call.taken[update.source];
    Buffer *old = exchangeValue(*update.variable, produced[u]);
    if (!movedOn && old)
      call.replaced[call.numReplaced++] = old;
    produced[u] = nullptr;
    ++exchanges;
  }
  thread.count(Counter::Exchanges, exchanges);
  if (tracing())
    traceInstant(TraceKind::Commit, f.desc->name, exchanges);
}

/// Results that are sources: the buffer itself if its variable let it go, else
/// a pin, taken while L is held (invariant 3).
static SYM_NOINLINE void handSources(CallFrame &call, const Function &f) {
  for (int i = 0; i < f.numResults; ++i) {
    if (call.routes[i] != ResultRoute::Handed)
      continue;
    Buffer *buffer = call.sources[call.handedFrom[i]];
    bool gone = false;
    for (int r = 0; r < call.numReplaced && !gone; ++r)
      if (call.replaced[r] == buffer) {
        call.replaced[r] = call.replaced[--call.numReplaced];
        gone = true;
      }
    if (!gone)
      buffer->retain();
    call.produced[i] = buffer;
  }
}

//===----------------------------------------------------------------------===//
// 4: run
//===----------------------------------------------------------------------===//

/// What a trace tells of a call that has chosen its variant.
static SYM_NOINLINE void noteVariant(const Function &f, ThreadState &thread,
                                     bool inPlace) {
  if (thread.tracedCall) // not if the trace began during the call
    thread.tracedCall->inPlace = inPlace;
  for (int u = 0; u < f.numUpdates; ++u)
    noteWriter(*f.updates[u].variable);
}

/// Under relaxed locks the call may be unable to run: then `relaxed` stays, and
/// nothing has happened. It is lowered otherwise.
static inline sym_status runLocked(CallFrame &call, const Function &f,
                                   ThreadState &thread, bool &relaxed) {
  // B3; once it is down, L keeps it down.
  if (sym_status s = refuseIfBorrowed(f))
    return s;
  if (sym_status s = takeSources(call, f, thread))
    return s;
  bool inPlace = mayWriteSources(call, f, thread, !relaxed);
  if (SYM_UNLIKELY(relaxed && !inPlace))
    return SYM_OK;
  relaxed = false;
  sym_view *slots = call.abi.slots;
  call.inPlace = inPlace;
  if (tracing())
    noteVariant(f, thread, inPlace);
  if (SYM_UNLIKELY(f.onDevice))
    if (sym_status s = beginOnDevice(call))
      return s;
  if (int32_t code = f.entry[inPlace](&call.abi))
    return call.status ? call.status
                       : fail(code, "function '%s' failed without saying why",
                              f.desc->name);

  bool anyHanded = false;
  for (int i = 0, n = f.numResults; i < n; ++i) {
    anyHanded |= call.routes[i] == ResultRoute::Handed;
    if (SYM_UNLIKELY(!slots[i].data))
      return brokenContract(f, "a result has no value");
  }
  bool publishes = f.numUpdates && !(inPlace && f.onlyInPlace);
  if (publishes)
    if (sym_status s = checkUpdates(call, f))
      return s;
  if (SYM_UNLIKELY(f.onDevice))
    if (sym_status s = submitOnDevice(call)) {
      if (f.anyMoves[inPlace])
        forgetMoves(call, f);
      return s;
    }
  if (publishes)
    publishUpdates(call, f, thread);
  if (SYM_UNLIKELY(anyHanded))
    handSources(call, f);
  if (inPlace)
    thread.count(Counter::CallsInPlace);
  return SYM_OK;
}

//===----------------------------------------------------------------------===//
// 6: results
//===----------------------------------------------------------------------===//

static SYM_NOINLINE void dropSlots(CallFrame &call, const Function &f) {
  for (int i = 0; i < f.numSlots; ++i)
    releaseBuffer(call.produced[i]);
  for (int i = 0; f.onDevice && i < f.numResults; ++i)
    releaseBuffer(call.fetched[i]);
}

static inline void deliver(CallFrame &call, const Function &f) {
  sym_result *results = call.results;
  const sym_view *slots = call.abi.slots;
  for (int i = 0, n = f.numResults; i < n; ++i) {
    sym_result &result = results[i];
    Buffer *buffer = call.produced[i];
    if (result.sizes)
      copySizes(result.sizes, slots[i].sizes, f.slots[i].rank);
    if (SYM_UNLIKELY(call.routes[i] == ResultRoute::Fetched)) {
      releaseBuffer(buffer);
      result.array = call.fetched[i];
      continue;
    }
    if (!result.buffer) {
      result.array = buffer;
      continue;
    }
    result.array = nullptr;
    if (buffer) { // staged
      memcpy(result.buffer, buffer->data, size_t(buffer->bytes));
      releaseBuffer(buffer);
    }
  }
}

static inline sym_status runCall(CallFrame &call, const Function &f,
                                 ThreadState &thread) {
  if (sym_status s = bindArguments(call, f, thread))
    return s;
  if (sym_status s = routeResults(call, f))
    return s;
  const LockPlan *locks = f.locks;
  if (SYM_UNLIKELY(f.relaxedLocks != nullptr))
    locks = f.relaxedLocks;
  if (sym_status s = lockAll(f, locks))
    return s;
  bool relaxed = locks != f.locks;
  sym_status s = runLocked(call, f, thread, relaxed);
  if (SYM_UNLIKELY(relaxed && s == SYM_OK)) {
    // T7: what replaces a relaxed value takes it exclusively. Nothing has
    // happened yet, so the call starts over.
    unlockFirst(locks, f.numLocks);
    locks = f.locks;
    if ((s = lockAll(f, locks)))
      return s;
    relaxed = false;
    s = runLocked(call, f, thread, relaxed);
  }
  unlockFirst(locks, f.numLocks);
  // Past the locks: buffers go back, lenders hear of it (T6), results get
  // where they belong. None of it can fail, unless a device does.
  for (int i = 0, n = call.numReplaced; i < n; ++i)
    releaseBuffer(call.replaced[i]);
  if (SYM_UNLIKELY(readsThroughPins(f)))
    unpinSources(call, f, thread);
  if (SYM_UNLIKELY(f.onDevice))
    s = finishOnDevice(call, s);
  if (SYM_UNLIKELY(s != SYM_OK))
    dropSlots(call, f);
  else
    deliver(call, f);
  return s;
}

static sym_status run(const Function &function, const sym_tensor *args,
                      sym_result *results, CallMode mode,
                      const uint8_t *keepOnDevice) {
  constexpr int64_t kMaxStack = 16 << 10;
  ThreadState &thread = thisThread();
  InUse inUse(thread, function);
  thread.count(Counter::Calls);
  bool onStack = SYM_LIKELY(function.layout.bytes <= kMaxStack);
  char *memory =
      onStack ? static_cast<char *>(alloca(size_t(function.layout.bytes)))
              : static_cast<char *>(allocate(function.layout.bytes));
  sym_status status = SYM_OUT_OF_MEMORY;
  if (SYM_LIKELY(memory != nullptr)) {
    CallFrame call(function, args, results, mode, keepOnDevice);
    call.layOut(memory);
    status = runCall(call, function, thread);
  }
  if (SYM_UNLIKELY(!onStack))
    deallocate(memory, function.layout.bytes);
  if (SYM_UNLIKELY(status != SYM_OK))
    thread.count(Counter::FailedCalls);
  return status;
}

static SYM_NOINLINE sym_status runTraced(const Function &function,
                                         const sym_tensor *args,
                                         sym_result *results, CallMode mode,
                                         const uint8_t *keepOnDevice) {
  ThreadState &thread = thisThread();
  TracedCall traced = {thread.tracedCall, false};
  thread.tracedCall = &traced;
  uint64_t begin = traceBegin();
  // Named now: the caller may give the function up during the call.
  char name[256];
  snprintf(name, sizeof(name), "%s", function.desc->name);
  int64_t instance = function.instance;
  sym_status status = run(function, args, results, mode, keepOnDevice);
  traceSpan(begin, TraceKind::Call, name, instance, 0,
            traced.inPlace && status == SYM_OK, status);
  thread.tracedCall = traced.outer;
  return status;
}

sym_status sym::rt::invoke(const Function &function, const sym_tensor *args,
                           sym_result *results, CallMode mode,
                           const uint8_t *keepOnDevice) {
  if (SYM_UNLIKELY(tracing()))
    return runTraced(function, args, results, mode, keepOnDevice);
  return run(function, args, results, mode, keepOnDevice);
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
