//===- Simulator.h - The state of the simulated driver ----------*- C++ -*-===//
//
// One per process, made by the first call and never destroyed: its threads may
// run until the process ends. Order of locks: `mutex`, then the live table's,
// then the report's.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_DEVICE_SIM_SIMULATOR_H
#define SYM_LIB_RUNTIME_DEVICE_SIM_SIMULATOR_H

#include "Config.h"
#include "Memory.h"
#include "Stream.h"

#include <set>
#include <string>

namespace sym::sim {

struct Graph;
struct GraphExec;
struct Module;

struct Device {
  int ordinal = 0;
  int retained = 0; ///< of the primary context
  /// Once set, every call in the context answers it. Reset with the context.
  CUresult sticky = CUDA_SUCCESS;
  /// As sticky, and no reset helps: the device is gone.
  CUresult lost = CUDA_SUCCESS;
  Arena arena;
  std::unique_ptr<Pool> syncPool; ///< cuMemAlloc
  std::unique_ptr<Pool> defaultPool;
  std::set<Pool *> userPools;
  std::unique_ptr<Stream> nullStream;

  std::vector<Pool *> allPools() const;
  CUcontext context() { return reinterpret_cast<CUcontext>(this); }
  CUresult error() const { return lost ? lost : sticky; }
};

/// A device address that the host holds: from allocation to free, both as
/// enqueued.
struct Allocation {
  uint64_t address;
  size_t size;
  Pool *pool;
  Device *device;
};

struct PinnedRange {
  size_t size;
};

struct Simulator {
  std::mutex mutex; ///< of all below, unless said otherwise
  Config config;
  bool initialized = false;
  std::string configError;
  std::vector<std::unique_ptr<Device>> devices;
  Scheduler scheduler{mutex};
  Random random;
  /// Counts makeDevices: what threads remember of devices from before is void.
  uint64_t generation = 0;
  uint64_t nextStream = 1;
  uint64_t nextLaunch = 0;
  /// Calls of the driver so far, for faults.
  uint64_t calls = 0;

  std::set<Stream *> streams; ///< destroyed ones too, until they are empty
  std::set<Event *> events;
  std::set<Module *> modules;
  std::set<Graph *> graphs;
  std::set<GraphExec *> graphExecs;
  std::map<uint64_t, Allocation> allocations;
  std::map<char *, PinnedRange> pinned;

  LiveTable live; ///< locks itself

  /// Sets up the devices as `config` says; nothing may be in use.
  void makeDevices();
  /// Destroys what a context holds, as if it had been given back.
  void resetContext(std::unique_lock<std::mutex> &lock, Device &device);
  /// The allocation that holds [address, address + bytes), or null.
  const Allocation *allocationAt(uint64_t address, uint64_t bytes) const;
  bool isPinned(const void *data, size_t bytes) const;

  /// What checks found, first to last; locks itself.
  void report(const std::string &text);
  std::string takeReport();

private:
  std::mutex reportMutex;
  std::string reports;
};

Simulator &simulator();

} // namespace sym::sim

#endif // SYM_LIB_RUNTIME_DEVICE_SIM_SIMULATOR_H
