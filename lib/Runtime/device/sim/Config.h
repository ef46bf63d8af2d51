//===- Config.h - What the simulated driver pretends to be ------*- C++ -*-===//
//
// Read from the environment variable SYM_SIM when cuInit is called first, and
// by tests through the control interface: `devices=2,seed=7,fail-call=3:2`.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_DEVICE_SIM_CONFIG_H
#define SYM_LIB_RUNTIME_DEVICE_SIM_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include <string>

namespace sym::sim {

/// Address space reserved for each of so many devices.
constexpr int kMaxDevices = 8;
constexpr size_t kArenaBytes = size_t(64) << 30;

struct Config {
  int64_t devices = 2;
  /// Of every random order: operations, blocks, threads.
  int64_t seed = 1;
  /// Bytes of each device.
  int64_t memory = int64_t(1) << 30;
  /// System threads that run blocks; 0 for as many as the machine has, up to 4.
  int64_t workers = 0;
  /// Compute capability times ten.
  int64_t arch = 90;
  int64_t driverVersion = 13000;
  /// What cuInit answers: 34 is the toolkit's stub, 100 no device.
  int64_t initError = 0;
  /// How long operations lie in their queues when nobody waits for them.
  int64_t lagMicroseconds = 1000;
  /// More operations than this in the queues run without a waiter.
  int64_t maxPending = 1024;
  /// The checks, see sim_abi.h.
  int64_t bounds = 1;
  int64_t barriers = 1;
  int64_t races = 1;
  /// Fill memory that is allocated or freed with NaNs.
  int64_t poison = 1;
  /// The call, counted from 1, that fails, and its error; 0 for none.
  int64_t failCall = 0;
  int64_t failError = 0;
  /// Write what a check finds to standard error too.
  int64_t verbose = 0;

  /// Sets the options that `text` names. False, with *why, for a name or value
  /// that is none; what stands before it is set then.
  bool parse(const char *text, std::string *why);
};

} // namespace sym::sim

#endif // SYM_LIB_RUNTIME_DEVICE_SIM_CONFIG_H
