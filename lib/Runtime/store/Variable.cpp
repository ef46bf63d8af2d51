//===- Variable.cpp - Shared variables ------------------------------------===//

#include "Variable.h"
#include "Fork.h"
#include "Pins.h"

#include <new>
#include <stdio.h>

using namespace sym::rt;

//===----------------------------------------------------------------------===//
// Creation
//===----------------------------------------------------------------------===//

sym_status sym::rt::checkType(const sym_type_desc &type, const char *what) {
  if (sym_element_size(type.element) == 0)
    return fail(SYM_INVALID_ARGUMENT, "%s: %s is not a storable element type",
                what, elementName(type.element));
  if (type.rank < 0 || type.rank > kMaxRank || (type.rank && !type.sizes))
    return fail(SYM_INVALID_ARGUMENT,
                "%s: the rank %d is not between 0 and %d, or sizes are missing",
                what, int(type.rank), kMaxRank);
  for (int i = 0; i < type.rank; ++i)
    if (type.sizes[i] < 0 && type.sizes[i] != SYM_DYNAMIC)
      return fail(SYM_INVALID_ARGUMENT, "%s: size %d is negative", what, i);
  return SYM_OK;
}

sym_status sym_variable_create(const char *name, sym_type_desc type,
                               int32_t policy, const sym_tensor *initial,
                               sym_variable **out) {
  return sym_variable_create_on(name, type, policy, SYM_SPACE_HOST, 0, initial,
                                out);
}

sym_status sym_variable_create_on(const char *name, sym_type_desc type,
                                  int32_t policy, int32_t space,
                                  int32_t space_index,
                                  const sym_tensor *initial,
                                  sym_variable **out) {
  if (!out)
    return fail(SYM_INVALID_ARGUMENT, "the place for the variable is null");
  if (!name)
    name = "";
  if (policy < SYM_POLICY_INPLACE || policy > SYM_POLICY_RELAXED)
    return fail(SYM_INVALID_ARGUMENT, "variable '%s': unknown policy %d", name,
                int(policy));
  char what[128];
  snprintf(what, sizeof(what), "variable '%s'", name);
  if (sym_status status = checkType(type, what))
    return status;
  Place place = {space, space_index};
  if (sym_status status = openPlace(place, what))
    return status;
  Buffer *value = nullptr;
  if (initial) {
    if (sym_status status = checkTensor(*initial, type, what))
      return status;
    value = copyTensorTo(place, *initial);
    if (!value)
      return lastStatus();
  }
  int64_t sizesBytes = 8 * int64_t(type.rank);
  int64_t nameBytes = int64_t(strlen(name)) + 1;
  int64_t blockBytes = int64_t(sizeof(Variable)) + sizesBytes + nameBytes;
  char *block = static_cast<char *>(allocate(blockBytes));
  if (!block) {
    releaseBuffer(value);
    return lastStatus();
  }
  Variable *v = new (block) Variable;
  int64_t *sizes = reinterpret_cast<int64_t *>(v + 1);
  for (int i = 0; i < type.rank; ++i)
    sizes[i] = type.sizes[i];
  char *nameCopy = reinterpret_cast<char *>(sizes + type.rank);
  memcpy(nameCopy, name, size_t(nameBytes));
  v->doubleBuffered = policy == SYM_POLICY_DOUBLE_BUFFER;
  v->current.store(value, std::memory_order_relaxed);
  v->type = {type.element, type.rank, type.rank ? sizes : nullptr};
  v->name = nameCopy;
  v->policy = policy;
  v->place = place;
  v->blockBytes = blockBytes;
  enlist(*v);
  *out = v;
  return SYM_OK;
}

void sym_variable_retain(sym_variable *variable) {
  if (variable)
    variable->references.fetch_add(1, std::memory_order_relaxed);
}

void sym_variable_release(sym_variable *variable) {
  if (!variable ||
      variable->references.fetch_sub(1, std::memory_order_acq_rel) != 1)
    return;
  delist(*variable);
  Buffer *value = variable->value();
  deallocate(variable, variable->blockBytes);
  releaseBuffer(value);
}

const char *sym_variable_name(const sym_variable *variable) {
  return variable->name;
}

sym_type_desc sym_variable_type(const sym_variable *variable) {
  return variable->type;
}

int32_t sym_variable_space(const sym_variable *variable, int32_t *index) {
  if (index)
    *index = variable->place.ordinal;
  return variable->place.space;
}

uint64_t sym_variable_id(const sym_variable *variable) { return variable->id; }

sym_status sym::rt::refuseBorrowed(const Variable &variable) {
  return fail(SYM_BORROWED, "a write borrow of variable '%s' is held",
              variable.name);
}

void sym::rt::waitForLock(Variable &variable, bool exclusive) {
  uint64_t begin = traceBegin();
  int32_t writer = variable.lastWriter.load(std::memory_order_relaxed);
  if (exclusive)
    variable.lock.lockExclusive();
  else
    variable.lock.lockShared();
  traceSpan(begin, TraceKind::Wait, variable.name, int64_t(variable.id), writer,
            exclusive, SYM_OK);
}

sym_status sym::rt::refuseUninitialized(const Variable &variable) {
  return fail(SYM_UNINITIALIZED, "variable '%s' is read before it is set",
              variable.name);
}

//===----------------------------------------------------------------------===//
// Several variables at one instant
//===----------------------------------------------------------------------===//

sym_status sym::rt::snapshot(Variable *const *variables, int count,
                             Buffer **pins) {
  // T1, T8: locks come before pins; the pins of all double-buffered variables
  // are taken together, and meanwhile no other can change.
  for (int i = 0; i < count; ++i)
    if (!variables[i]->doubleBuffered)
      lockShared(*variables[i]);
  sym_status status = SYM_OK;
  // T7: others go on writing a relaxed one. No memory is asked for under heads.
  for (int i = 0; i < count; ++i) {
    pins[i] = nullptr;
    if (variables[i]->relaxed() && variables[i]->value() && !status &&
        !(pins[i] = copyMoving(variables[i]->value())))
      status = lastStatus();
  }
  {
    KeepGuard heads(variables, count);
    for (int i = 0; i < count; ++i)
      if (!variables[i]->relaxed() && variables[i]->value() && !status) {
        pins[i] = variables[i]->value();
        pins[i]->retain();
      }
  }
  for (int i = count - 1; i >= 0; --i)
    if (!variables[i]->doubleBuffered)
      variables[i]->lock.unlockShared();
  for (int i = 0; status && i < count; ++i) {
    releaseBuffer(pins[i]);
    pins[i] = nullptr;
  }
  return status;
}

sym_status sym::rt::publish(Variable *const *variables, int count,
                            Buffer **values) {
  // B3: at once, not after waiting for the lock.
  for (int i = 0; i < count; ++i)
    if (variables[i]->flag.load(std::memory_order_acquire))
      return refuseBorrowed(*variables[i]);
  for (int i = 0; i < count; ++i)
    lockExclusive(*variables[i]);
  const Variable *borrowed = nullptr;
  for (int i = 0; i < count; ++i)
    if (variables[i]->flag.load(std::memory_order_acquire))
      borrowed = variables[i];
  if (!borrowed) {
    ExchangeGuard heads(variables, count);
    for (int i = 0; i < count; ++i) {
      noteWriter(*variables[i]);
      values[i] = exchangeValue(*variables[i], values[i]);
    }
  }
  for (int i = count - 1; i >= 0; --i)
    variables[i]->lock.unlockExclusive();
  if (borrowed)
    return refuseBorrowed(*borrowed);
  if (tracing())
    for (int i = 0; i < count; ++i)
      traceInstant(TraceKind::Commit, variables[i]->name, 0);
  return SYM_OK;
}

//===----------------------------------------------------------------------===//
// One variable
//===----------------------------------------------------------------------===//

/// A snapshot of one, without a copy: not of a relaxed variable.
static inline Buffer *pin(Variable &variable) {
  bool doubled = variable.doubleBuffered;
  doubled ? variable.head.keep() : lockShared(variable);
  Buffer *current = variable.value();
  if (current)
    current->retain();
  doubled ? variable.head.letGo() : variable.lock.unlockShared();
  return current;
}

/// The host waits for the device, which takes as long as what was enqueued
/// before. So L is held for a copy on the device only, and the wait comes
/// after.
static SYM_NOINLINE Buffer *getFromDevice(Variable &variable, bool *set) {
  lockShared(variable);
  Buffer *current = variable.value(), *here = nullptr;
  *set = current != nullptr;
  Buffer *there = current ? copyBuffer(current) : nullptr;
  if (current && !there && lastStatus() == SYM_DEVICE_OUT_OF_MEMORY)
    here = copyBufferTo({}, current);
  variable.lock.unlockShared();
  return there ? moveBufferTo({}, there) : here;
}

sym_status sym_variable_get(sym_variable *variable, sym_array **out) {
  Buffer *copy = nullptr;
  if (variable->doubleBuffered) {
    // Never waits for an update that is still computing (T8).
    ThreadState &thread = thisThread();
    ShortPins pins;
    Buffer *pinned;
    pins.take(thread, &variable, 1, &variable, 1, &pinned);
    if (pinned)
      copy = copyBufferTo({}, pinned);
    pins.drop(thread, &variable, 1, &pinned);
    if (!pinned)
      return refuseUninitialized(*variable);
  } else if (variable->place.onDevice()) {
    bool set;
    copy = getFromDevice(*variable, &set);
    if (!set)
      return refuseUninitialized(*variable);
  } else {
    lockShared(*variable);
    bool set = variable->value();
    if (set)
      copy = variable->relaxed() ? copyMoving(variable->value())
                                 : copyBuffer(variable->value());
    variable->lock.unlockShared();
    if (!set)
      return refuseUninitialized(*variable);
  }
  if (!copy)
    return lastStatus();
  *out = copy;
  return SYM_OK;
}

sym_status sym_variable_borrow(sym_variable *variable, sym_array **out) {
  if (variable->relaxed())
    return sym_variable_get(variable, out); // T7
  Buffer *pinned = pin(*variable);
  if (!pinned)
    return refuseUninitialized(*variable);
  *out = pinned;
  return SYM_OK;
}

/// Takes over `value`, also on failure.
static sym_status setBuffer(Variable *variable, Buffer *value) {
  sym_status status = publish(&variable, 1, &value);
  releaseBuffer(value);
  return status;
}

sym_status sym_variable_set(sym_variable *variable, const sym_tensor *value) {
  char what[128];
  snprintf(what, sizeof(what), "variable '%s'", variable->name);
  if (sym_status status = checkTensor(*value, variable->type, what))
    return status;
  Buffer *copy = copyTensorTo(variable->place, *value);
  return copy ? setBuffer(variable, copy) : lastStatus();
}

sym_status sym_variable_set_lent(sym_variable *variable,
                                 const sym_tensor *value,
                                 void (*release)(void *context),
                                 void *context) {
  char what[128];
  snprintf(what, sizeof(what), "variable '%s'", variable->name);
  if (sym_status status = checkTensor(*value, variable->type, what))
    return status;
  size_t alignment = sym_element_size(value->element);
  bool usable = isDense(*value) && !variable->place.onDevice() &&
                value->space == SYM_SPACE_HOST &&
                reinterpret_cast<uintptr_t>(value->data) % alignment == 0;
  // S1: no two variables share memory, so what is the pool's is not lent.
  if (!usable || isPoolMemory(value->data)) {
    if (sym_status status = sym_variable_set(variable, value))
      return status;
    // The owner may do anything now: nothing may be left to be read. A failure
    // of the device will be told by the next call that waits for it.
    if (value->space != SYM_SPACE_HOST)
      devices()->synchronize(value->space_index);
    if (release)
      release(context);
    return SYM_OK;
  }
  Buffer *lent = createLentBuffer(*value, release, context);
  if (!lent)
    return lastStatus();
  Buffer *other = lent;
  sym_status status = publish(&variable, 1, &other);
  if (status) {
    // Nothing was lent, so the owner hears nothing.
    lent->lender.release = nullptr;
    releaseBuffer(lent);
    return status;
  }
  releaseBuffer(other);
  return SYM_OK;
}
