//===- Control.cpp - What tests ask of the simulated driver ---------------===//

#include "Control.h"
#include "Api.h"
#include "Graph.h"
#include "Module.h"

#include <stdlib.h>
#include <string.h>

using namespace sym::sim;

static void waitAll(Lock &lock) {
  Simulator &sim = simulator();
  for (auto &device : sim.devices)
    sim.scheduler.waitDevice(lock, *device);
}

static int configure(const char *options) {
  Simulator &sim = simulator();
  Lock lock(sim.mutex);
  waitAll(lock);
  int64_t seed = sim.config.seed;
  std::string why;
  bool good = sim.config.parse(options, &why);
  if (!good)
    sim.report(why);
  if (sim.config.seed != seed)
    sim.random = Random(uint64_t(sim.config.seed));
  return !good;
}

static int resetAll(const char *options) {
  Simulator &sim = simulator();
  Lock lock(sim.mutex);
  for (auto &device : sim.devices)
    sim.resetContext(lock, *device);
  for (auto &range : sim.pinned)
    free(range.first);
  sim.pinned.clear();
  sim.initialized = false;
  sim.calls = 0;
  sim.config = Config();
  sim.configError.clear();
  std::string why;
  const char *environment = getenv("SYM_SIM");
  bool good = (!environment || sim.config.parse(environment, &why)) &&
              sim.config.parse(options, &why);
  if (!good)
    sim.configError = why;
  lock.unlock();
  sim.takeReport();
  return !good;
}

static uint64_t calls() {
  Lock lock(simulator().mutex);
  return simulator().calls;
}

static void resetCalls() {
  Lock lock(simulator().mutex);
  simulator().calls = 0;
}

static void loseDevice(int ordinal, int error) {
  Simulator &sim = simulator();
  Lock lock(sim.mutex);
  if (ordinal >= 0 && size_t(ordinal) < sim.devices.size())
    sim.devices[size_t(ordinal)]->lost = CUresult(error);
}

static void counts(sym_sim_counts *out) {
  Simulator &sim = simulator();
  Lock lock(sim.mutex);
  // A destroyed stream is there until its queue is empty.
  waitAll(lock);
  memset(out, 0, sizeof(*out));
  for (auto &device : sim.devices) {
    out->contexts += device->retained;
    out->pools += int64_t(device->userPools.size());
    out->device_bytes += int64_t(device->arena.taken());
  }
  out->streams = int64_t(sim.streams.size());
  out->events = int64_t(sim.events.size());
  out->modules = int64_t(sim.modules.size());
  out->graphs = int64_t(sim.graphs.size());
  out->graph_execs = int64_t(sim.graphExecs.size());
  out->allocations = int64_t(sim.allocations.size());
  out->pinned = int64_t(sim.pinned.size());
}

static size_t report(char *text, size_t capacity) {
  std::string all = simulator().takeReport();
  if (capacity) {
    size_t length = std::min(capacity - 1, all.size());
    memcpy(text, all.data(), length);
    text[length] = 0;
  }
  return all.size();
}

const sym_sim_control &sym::sim::control() {
  static const sym_sim_control all = {configure,  resetAll, calls, resetCalls,
                                      loseDevice, counts,   report};
  return all;
}
