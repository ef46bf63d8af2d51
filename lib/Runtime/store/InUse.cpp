//===- InUse.cpp - Functions that calls are inside of ---------------------===//

#include "InUse.h"
#include "Fork.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace sym::rt;

SYM_CONSTINIT std::atomic<int32_t> sym::rt::numRetired{0};

namespace {
SYM_CONSTINIT Mutex retiredMutex;
Function *retired = nullptr;

void destroyFunction(Function *function) {
  if (function->deviceProgram)
    releaseDeviceProgram(function->deviceProgram);
  for (int i = 0; i < function->numVariables; ++i)
    sym_variable_release(function->variables[i]);
  deallocate(function, function->blockBytes);
}
} // namespace

void sym::rt::lockRetired() { retiredMutex.lock(); }
void sym::rt::unlockRetired() { retiredMutex.unlock(); }

bool sym::rt::processorsCanAgree() {
  // Registering is idempotent, and must precede the first use.
  return syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0,
                 0) == 0;
}

void sym::rt::freeRetired() {
  Function *unused = nullptr;
  {
    Guard guard(retiredMutex);
    if (!retired)
      return;
    syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
    for (Function **at = &retired; *at;) {
      Function *f = *at;
      if (anyThreadInside(f)) {
        at = &f->nextRetired;
        continue;
      }
      *at = f->nextRetired;
      f->nextRetired = unused;
      unused = f;
      numRetired.fetch_sub(1, std::memory_order_relaxed);
    }
  }
  // T6: callbacks of lenders may run, under no lock.
  while (Function *f = unused) {
    unused = f->nextRetired;
    destroyFunction(f);
  }
}

void sym::rt::retire(Function *function) {
  {
    Guard guard(retiredMutex);
    function->nextRetired = retired;
    retired = function;
    numRetired.fetch_add(1, std::memory_order_relaxed);
  }
  freeRetired();
}
