//===- Block.h - The threads of a block, as fibers --------------*- C++ -*-===//
//
// A worker is a system thread's means to run blocks: fibers, the block's shared
// memory, and the records of its threads, kept from block to block. Threads
// start and resume in random order; a fiber that ends one thread goes on to the
// next, so that a kernel without barriers switches hardly ever.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_DEVICE_SIM_BLOCK_H
#define SYM_LIB_RUNTIME_DEVICE_SIM_BLOCK_H

#include "Fiber.h"
#include "Launch.h"
#include "Memory.h"
#include "Random.h"

#include "sym/Runtime/sim_abi.h"

#include <memory>
#include <vector>

namespace sym::sim {

/// One thread of the running block.
struct GpuThread {
  sym_sim_thread info;
  uint32_t number; ///< within the block
  uint32_t warpEpoch;
  bool exited;
  uint32_t value; ///< what the last shuffle or vote gave it
  uint32_t valid;
  Fiber *fiber;
};

/// A shuffle, vote or synchronization that lanes of a warp have come to.
struct Rendezvous {
  uint32_t kind;
  uint32_t mode;
  uint32_t mask; ///< of the lanes that exist
  uint32_t arrived;
  uint32_t value[SYM_SIM_WARP];
  uint32_t lane[SYM_SIM_WARP];
  uint32_t clamp[SYM_SIM_WARP];
};

class Worker {
public:
  Worker();
  ~Worker();

  /// Runs one block to its end, or until a fault, of which the launch knows.
  void run(Launch &launch, uint64_t block);

  /// The calling system thread's worker; it runs a block.
  static Worker &current();

  // What services ask for; on a fiber.
  GpuThread &thread() { return *running; }
  Launch &launch() { return *launching; }
  char *sharedMemory() { return shared; }
  void barrier(const void *site);
  uint32_t meet(uint32_t kind, uint32_t mode, uint32_t mask, uint32_t value,
                uint32_t lane, uint32_t clamp, uint32_t *valid);
  void *access(uint64_t address, uint64_t bytes, uint32_t flags, uint32_t line);
  /// Ends the launch with `error` and what was found, and leaves the fiber.
  [[noreturn]] void fault(CUresult error, const char *format, ...)
      __attribute__((format(printf, 3, 4)));

  enum : uint32_t { kShuffle, kVote, kSync };

private:
  static void fiberBody(void *worker);
  GpuThread *startNext();
  void exited(GpuThread &thread);
  void suspend();
  Fiber *takeFiber();
  void resume(Fiber &fiber);
  void finish(Rendezvous &meeting, GpuThread &last);
  void checkRace(Shadow &shadow, uint64_t offset, uint64_t bytes,
                 uint32_t flags, uint32_t line, const char *space);
  void noteStall();
  bool prepare(uint64_t block);

  Launch *launching = nullptr;
  Random random;
  uint64_t blockNumber = 0;
  uint32_t blockId[3];
  std::vector<GpuThread> threads;
  std::vector<std::vector<Rendezvous>> warps; ///< open meetings of each
  Permutation order;
  uint32_t started = 0;
  uint32_t ended = 0;
  std::vector<GpuThread *> ready;
  std::vector<GpuThread *> atBarrier;
  const void *barrierSite = nullptr;
  uint64_t epoch = 0;

  Stack scheduler;
  GpuThread *running = nullptr;
  Fiber *runningFiber = nullptr;
  std::vector<std::unique_ptr<Fiber>> fibers;
  std::vector<Fiber *> idle;

  char *shared = nullptr;
  size_t sharedCapacity = 0;
  std::unique_ptr<Shadow> sharedShadow;
  size_t sharedShadowBytes = 0;

  /// Ranges of the live table that were found last, and its version then.
  LiveTable::Range known[4];
  uint64_t knownVersion = 0;
  unsigned nextKnown = 0;
};

} // namespace sym::sim

#endif // SYM_LIB_RUNTIME_DEVICE_SIM_BLOCK_H
