//===- Simulator.cpp - The state of the simulated driver ------------------===//

#include "Simulator.h"
#include "Graph.h"
#include "Module.h"

#include <stdio.h>
#include <stdlib.h>

using namespace sym::sim;

Simulator &sym::sim::simulator() {
  static Simulator *only = [] {
    auto *made = new Simulator;
    if (const char *text = getenv("SYM_SIM"))
      if (!made->config.parse(text, &made->configError))
        fprintf(stderr, "%s\n", made->configError.c_str());
    return made;
  }();
  return *only;
}

std::vector<Pool *> Device::allPools() const {
  std::vector<Pool *> pools(userPools.begin(), userPools.end());
  pools.push_back(syncPool.get());
  pools.push_back(defaultPool.get());
  return pools;
}

void Simulator::makeDevices() {
  devices.clear();
  random = Random(uint64_t(config.seed));
  ++generation;
  nextStream = 1;
  for (int i = 0; i < config.devices; ++i) {
    auto device = std::make_unique<Device>();
    device->ordinal = i;
    device->arena.reset(i, size_t(config.memory));
    device->syncPool = std::make_unique<Pool>(device.get());
    device->defaultPool = std::make_unique<Pool>(device.get());
    device->nullStream = std::make_unique<Stream>();
    device->nullStream->device = device.get();
    device->nullStream->id = nextStream++;
    device->nullStream->blocking = false;
    devices.push_back(std::move(device));
  }
}

void Simulator::resetContext(std::unique_lock<std::mutex> &lock,
                             Device &device) {
  scheduler.waitDevice(lock, device);
  for (auto it = allocations.begin(); it != allocations.end();) {
    if (it->second.device != &device) {
      ++it;
      continue;
    }
    it->second.pool->release(it->first, 0, nullptr);
    it = allocations.erase(it);
  }
  // Also what a failed stream did not come to free.
  live.eraseBetween(arenaBase(device.ordinal), arenaBase(device.ordinal + 1));
  // Sets of handles; one at a time, since each takes itself out.
  auto sweep = [&](auto &set) {
    for (auto it = set.begin(); it != set.end();) {
      auto *object = *it;
      if (object->device != &device) {
        ++it;
        continue;
      }
      it = set.erase(it);
      delete object;
    }
  };
  sweep(graphExecs);
  sweep(graphs);
  sweep(events);
  sweep(streams);
  sweep(modules);
  for (Pool *pool : device.userPools)
    delete pool;
  device.userPools.clear();
  for (Pool *pool : device.allPools())
    pool->trim(0);
  device.sticky = CUDA_SUCCESS;
}

const Allocation *Simulator::allocationAt(uint64_t address,
                                          uint64_t bytes) const {
  auto it = allocations.upper_bound(address);
  if (it == allocations.begin())
    return nullptr;
  const Allocation &found = std::prev(it)->second;
  uint64_t offset = address - found.address;
  return offset <= found.size && bytes <= found.size - offset ? &found
                                                              : nullptr;
}

bool Simulator::isPinned(const void *data, size_t bytes) const {
  char *at = static_cast<char *>(const_cast<void *>(data));
  auto it = pinned.upper_bound(at);
  if (it == pinned.begin())
    return false;
  --it;
  size_t offset = size_t(at - it->first);
  return offset <= it->second.size && bytes <= it->second.size - offset;
}

void Simulator::report(const std::string &text) {
  std::lock_guard<std::mutex> guard(reportMutex);
  // Who never asks must not fill the memory.
  if (reports.size() < 65536)
    reports += text + "\n";
  if (config.verbose)
    fprintf(stderr, "simulated driver: %s\n", text.c_str());
}

std::string Simulator::takeReport() {
  std::lock_guard<std::mutex> guard(reportMutex);
  std::string all = std::move(reports);
  reports.clear();
  return all;
}
