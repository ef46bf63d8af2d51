//===- Services.cpp - What kernels call -----------------------------------===//

#include "Block.h"
#include "Module.h"

using namespace sym::sim;

static const sym_sim_thread *current() {
  return &Worker::current().thread().info;
}

static void *sharedMemory() { return Worker::current().sharedMemory(); }

static uint32_t dynamicShared() {
  return Worker::current().launch().shape.dynamicShared;
}

// The address of the call tells one barrier of the kernel from another.
static void barrier() {
  Worker::current().barrier(__builtin_return_address(0));
}

static uint32_t shuffle(uint32_t mode, uint32_t mask, uint32_t value,
                        uint32_t lane, uint32_t clamp, uint32_t *valid) {
  return Worker::current().meet(Worker::kShuffle, mode, mask, value, lane,
                                clamp, valid);
}

static uint32_t vote(uint32_t mode, uint32_t mask, uint32_t predicate) {
  return Worker::current().meet(Worker::kVote, mode, mask, predicate != 0, 0, 0,
                                nullptr);
}

static void syncWarp(uint32_t mask) {
  Worker::current().meet(Worker::kSync, 0, mask, 0, 0, 0, nullptr);
}

static void *access(uint64_t address, uint64_t bytes, uint32_t flags,
                    uint32_t line) {
  return Worker::current().access(address, bytes, flags, line);
}

static void trap(const char *why) {
  Worker::current().fault(CUDA_ERROR_LAUNCH_FAILED, "trap: %s",
                          why ? why : "no reason given");
}

const sym_sim_services &sym::sim::services() {
  static const sym_sim_services all = {
      SYM_SIM_VERSION, 0,       addressDelta(), current, sharedMemory,
      dynamicShared,   barrier, shuffle,        vote,    syncWarp,
      access,          trap};
  return all;
}
