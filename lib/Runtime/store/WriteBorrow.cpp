//===- WriteBorrow.cpp - Exclusive borrows (B3) ---------------------------===//

#include "Variable.h"

#include <new>
#include <stdio.h>

using namespace sym::rt;

struct sym_write_borrow {
  Variable *variable; ///< retained
  Buffer *copy;       ///< private; one reference, plus one per view
};

/// Frees the record; the flag is down already.
static void endBorrow(sym_write_borrow *borrow) {
  Variable *variable = borrow->variable;
  releaseBuffer(borrow->copy);
  deallocate(borrow, sizeof(sym_write_borrow));
  sym_variable_release(variable);
}

sym_status sym_variable_borrow_mut(sym_variable *variable,
                                   sym_write_borrow **out) {
  if (variable->flag.load(std::memory_order_acquire))
    return refuseBorrowed(*variable);
  auto *borrow = static_cast<sym_write_borrow *>(
      allocate(int64_t(sizeof(sym_write_borrow))));
  if (!borrow)
    return lastStatus();

  // Invariant 5. L waits for updates that run, and the pin keeps the value
  // while it is copied without any lock. Updates of a relaxed one hold L shared
  // (T7).
  bool exclusive = variable->relaxed();
  if (exclusive)
    lockExclusive(*variable);
  else
    lockShared(*variable);
  Buffer *current = variable->value();
  bool expected = false;
  bool ours = current && variable->flag.compare_exchange_strong(
                             expected, true, std::memory_order_acq_rel);
  if (ours)
    current->retain();
  if (exclusive)
    variable->lock.unlockExclusive();
  else
    variable->lock.unlockShared();
  if (!ours) {
    deallocate(borrow, sizeof(sym_write_borrow));
    return current ? refuseBorrowed(*variable) : refuseUninitialized(*variable);
  }
  Buffer *copy = copyBuffer(current);
  releaseBuffer(current);
  if (!copy) {
    variable->flag.store(false, std::memory_order_release);
    deallocate(borrow, sizeof(sym_write_borrow));
    return lastStatus();
  }
  sym_variable_retain(variable);
  borrow->variable = variable;
  borrow->copy = copy;
  *out = borrow;
  return SYM_OK;
}

sym_tensor sym_write_borrow_view(sym_write_borrow *borrow) {
  return sym_array_view(borrow->copy);
}

sym_array *sym_write_borrow_array(sym_write_borrow *borrow) {
  borrow->copy->retain();
  return borrow->copy;
}

/// Publishes `value`, which it takes over, and ends the borrow.
static sym_status commitBuffer(sym_write_borrow *borrow, Buffer *value) {
  Variable *variable = borrow->variable;
  lockExclusive(*variable);
  noteWriter(*variable);
  Buffer *old;
  {
    ExchangeGuard heads(&variable, 1);
    old = exchangeValue(*variable, value);
    variable->flag.store(false, std::memory_order_release);
  }
  variable->lock.unlockExclusive();
  traceInstant(TraceKind::Commit, variable->name, 0);
  releaseBuffer(old);
  endBorrow(borrow);
  return SYM_OK;
}

sym_status sym_write_borrow_commit(sym_write_borrow *borrow) {
  // By pointer if no view survives, else by copy: a view may still write.
  if (borrow->copy->unpinned()) {
    Buffer *value = borrow->copy;
    borrow->copy = nullptr;
    return commitBuffer(borrow, value);
  }
  Buffer *value = copyBuffer(borrow->copy);
  if (!value) {
    sym_write_borrow_rollback(borrow);
    return lastStatus();
  }
  return commitBuffer(borrow, value);
}

sym_status sym_write_borrow_commit_value(sym_write_borrow *borrow,
                                         const sym_tensor *value) {
  char what[128];
  snprintf(what, sizeof(what), "variable '%s'", borrow->variable->name);
  sym_status status = checkTensor(*value, borrow->variable->type, what);
  Buffer *copy =
      status ? nullptr : copyTensorTo(borrow->variable->place, *value);
  if (!copy) {
    sym_write_borrow_rollback(borrow);
    return status ? status : lastStatus();
  }
  return commitBuffer(borrow, copy);
}

void sym_write_borrow_rollback(sym_write_borrow *borrow) {
  // Never waits: the flag comes down without a lock.
  borrow->variable->flag.store(false, std::memory_order_release);
  endBorrow(borrow);
}
