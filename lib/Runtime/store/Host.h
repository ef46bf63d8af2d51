//===- Host.h - Running host programs ---------------------------*- C++ -*-===//
//
// The record of a host program: besides memory it holds borrows, which end
// with it (T10). One thread; lives on its stack.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_STORE_HOST_H
#define SYM_LIB_RUNTIME_STORE_HOST_H

#include "Frame.h"
#include "ScopedView.h"

struct sym_instance {
  const sym_program *program;
  sym::rt::Variable **variables; ///< ids ascend
  sym::rt::Function **functions;
  int64_t blockBytes;
  int64_t number; ///< process-unique, for traces
  std::atomic<int64_t> references{1};
};

namespace sym::rt {

/// Keeps an instance while something runs through it, which may destroy it:
/// then it goes with the last.
class InstanceInUse {
public:
  explicit InstanceInUse(sym_instance &instance) : instance(instance) {
    instance.references.fetch_add(1, std::memory_order_relaxed);
  }
  ~InstanceInUse() { sym_instance_destroy(&instance); }
  InstanceInUse(const InstanceInUse &) = delete;
  InstanceInUse &operator=(const InstanceInUse &) = delete;

private:
  sym_instance &instance;
};

/// A borrow in a host program. `handle` of the interface.
struct HostBorrow {
  HostBorrow *next, *previous;
  Buffer *pin;                 ///< pinned and scoped ones
  Buffer *shown;               ///< exclusive ones of a device: on the host
  ScopedView *scoped;          ///< scoped ones that are debugged
  sym_write_borrow *exclusive; ///< exclusive ones
  Variable *variable;
};

struct HostFrame : FrameRecord {
  explicit HostFrame(sym_instance &instance)
      : FrameRecord(true), instance(instance) {
    abi = {nullptr, nullptr, nullptr, static_cast<FrameRecord *>(this)};
  }
  /// T10: pins go, write borrows are rolled back.
  ~HostFrame();
  void unlink(HostBorrow *borrow);

  sym_frame abi;
  sym_instance &instance;
  /// Where the program's part of the stack begins.
  const void *stackBase = __builtin_frame_address(0);
  HostBorrow *borrows = nullptr;
  ScopedViews scopedViews;
};

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_STORE_HOST_H
