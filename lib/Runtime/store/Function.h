//===- Function.h - Bound functions -----------------------------*- C++ -*-===//
//
// Binding checks everything about a function that does not depend on a call,
// and writes down the plan that every call follows: what to lock in which
// order, what to check of each argument, where each slot's sizes lie. A bound
// function never changes, so any number of threads may call it.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_STORE_FUNCTION_H
#define SYM_LIB_RUNTIME_STORE_FUNCTION_H

#include "Variable.h"

namespace sym::rt {

struct ArgumentPlan {
  const sym_value_desc *desc;
  int32_t element;
  int32_t rank;
  int32_t alignment; ///< in bytes, of what is taken as it is
  uint32_t flags;
  int32_t elementSize;
  int32_t space; ///< where the variants take it from
};

struct SlotPlan {
  const int64_t *staticSizes; ///< null when no size is static
  int32_t element;
  int32_t rank;
  int32_t elementSize;
  int32_t sizesOffset; ///< in entries, into the frame's space for sizes
  int32_t space;       ///< where the variants leave it
};

struct LockPlan {
  Variable *variable;
  bool exclusive;
};

/// Where a call's arrays lie in its memory, in bytes from the start; the views
/// of the arguments come first.
struct FrameLayout {
  int32_t sources, slots, sizes, argBytes, sourceBuffers, produced, replaced,
      fetched, saved, handedFrom, routes, taken;
  int64_t bytes;
};

struct UpdatePlan {
  Variable *variable;
  int32_t source; ///< the variable's place among the sources, or -1
  /// By variant: [0] out of place, [1] in place.
  int32_t kind[2];
  int32_t movedFrom[2];
};

} // namespace sym::rt

struct sym_function {
  const sym_function_desc *desc;
  int32_t numArgs, numResults, numReads, numUpdates, numVariables, numSlots;
  sym_entry_fn entry[2]; ///< out of place, in place
  bool hasInPlace;       ///< some update has kind INPLACE in the variant for it
  bool onlyInPlace;      ///< every update has, in that variant
  bool anyMoves[2];      ///< by variant: some update is MOVED or SELECTED
  bool anyMutable;
  bool anyDoubleInPlace; ///< such an update goes to a double-buffered variable
  bool onDevice;         ///< a device function, of device `place.ordinal`
  sym::rt::Place place;
  sym::rt::DeviceProgram *deviceProgram; ///< null for a function of the host
  sym::rt::ArgumentPlan *args;
  sym::rt::SlotPlan *slots;
  sym::rt::UpdatePlan *updates;
  sym::rt::Variable **variables; ///< as in the descriptor; retained
  /// A call with updates locks all that it uses; one without, only what is not
  /// double-buffered. By ascending id.
  sym::rt::LockPlan *locks;
  int32_t numLocks;
  /// The same for a call that writes every source in place, or null if that is
  /// no different: relaxed variables are then shared (T7).
  sym::rt::LockPlan *relaxedLocks;
  /// The double-buffered variables whose heads a call takes: those it updates,
  /// or, if it updates none, those it reads. By ascending id.
  sym::rt::Variable **heads;
  int32_t numHeads;
  int32_t *updateOfSource; ///< for each source the update of its variable, or
                           ///< -1
  int32_t sizesEntries;    ///< space for the sizes of all slots
  sym::rt::FrameLayout layout;
  int64_t blockBytes;
  int64_t instance = 0; ///< the number of the one that it was bound for
  mutable std::atomic<int64_t> references{1};
  bool countsCalls; ///< calls count references (InUse.h)
  sym_function *nextRetired;
};

namespace sym::rt {
using Function = ::sym_function;

/// How sym_call and a host program's call differ.
enum class CallMode {
  Public, ///< results may be pins (B2)
  Host    ///< every result is memory that nobody else refers to
};

/// Runs a bound function; the counts of arguments and results are right.
/// `keepOnDevice`, of a host program's call: a byte for each result, which is 1
/// if it may stay where it was made; null stands for zeros.
sym_status invoke(const Function &function, const sym_tensor *args,
                  sym_result *results, CallMode mode,
                  const uint8_t *keepOnDevice = nullptr);
} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_STORE_FUNCTION_H
