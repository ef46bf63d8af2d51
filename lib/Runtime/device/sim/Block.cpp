//===- Block.cpp - The threads of a block, as fibers ----------------------===//

#include "Block.h"
#include "Simulator.h"

#include <algorithm>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

using namespace sym::sim;

static thread_local Worker *threadsWorker = nullptr;

Worker &Worker::current() { return *threadsWorker; }

Worker::Worker() = default;
Worker::~Worker() { free(shared); }

//===----------------------------------------------------------------------===//
// Fibers
//===----------------------------------------------------------------------===//

void Worker::fiberBody(void *argument) {
  Worker &worker = *static_cast<Worker *>(argument);
  for (;;) {
    while (GpuThread *thread = worker.startNext()) {
      worker.launching->kernel->entry(worker.launching->params);
      worker.exited(*thread);
    }
    worker.idle.push_back(worker.runningFiber);
    worker.suspend();
  }
}

/// The next thread that has not begun, now running; null for none.
GpuThread *Worker::startNext() {
  if (started == threads.size() || launching->error.load())
    return nullptr;
  GpuThread &thread = threads[order[started++]];
  thread.fiber = runningFiber;
  running = &thread;
  return &thread;
}

void Worker::suspend() { runningFiber->suspend(); }

Fiber *Worker::takeFiber() {
  if (idle.empty()) {
    auto made = std::make_unique<Fiber>(fiberBody, this);
    if (!made->isValid())
      return nullptr;
    idle.push_back(made.get());
    fibers.push_back(std::move(made));
  }
  Fiber *fiber = idle.back();
  idle.pop_back();
  return fiber;
}

void Worker::resume(Fiber &fiber) {
  runningFiber = &fiber;
  fiber.resume(scheduler);
  runningFiber = nullptr;
}

//===----------------------------------------------------------------------===//
// A block
//===----------------------------------------------------------------------===//

/// Sets up the records of a block; false when there is no memory for it.
bool Worker::prepare(uint64_t block) {
  const LaunchShape &shape = launching->shape;
  blockNumber = block;
  blockId[0] = uint32_t(block % shape.grid[0]);
  blockId[1] = uint32_t(block / shape.grid[0] % shape.grid[1]);
  blockId[2] = uint32_t(block / shape.grid[0] / shape.grid[1]);
  random = Random(launching->seed ^ (block * 0x9e3779b97f4a7c15u));

  uint32_t count = launching->threads();
  threads.resize(count);
  for (uint32_t i = 0; i < count; ++i) {
    GpuThread &thread = threads[i];
    thread = GpuThread();
    thread.number = i;
    thread.info.thread_id[0] = i % shape.block[0];
    thread.info.thread_id[1] = i / shape.block[0] % shape.block[1];
    thread.info.thread_id[2] = i / shape.block[0] / shape.block[1];
    memcpy(thread.info.block_id, blockId, sizeof(blockId));
    memcpy(thread.info.block_dim, shape.block, sizeof(shape.block));
    memcpy(thread.info.grid_dim, shape.grid, sizeof(shape.grid));
    thread.info.lane = i % SYM_SIM_WARP;
    thread.info.warp = i / SYM_SIM_WARP;
  }
  warps.resize((count + SYM_SIM_WARP - 1) / SYM_SIM_WARP);
  for (auto &meetings : warps)
    meetings.clear();
  order = Permutation(count, random.next());
  started = ended = 0;
  ready.clear();
  atBarrier.clear();
  epoch = 0;

  size_t bytes = launching->sharedBytes();
  if (bytes > sharedCapacity) {
    free(shared);
    sharedCapacity = (bytes + 127) / 128 * 128;
    shared = static_cast<char *>(aligned_alloc(128, sharedCapacity));
    if (!shared) {
      sharedCapacity = 0;
      return false;
    }
  }
  // Shared memory holds nothing that a block may rely on.
  if (bytes)
    memset(shared, 0xff, bytes);
  if (launching->races && bytes) {
    sharedShadow = std::make_unique<Shadow>(bytes);
    sharedShadowBytes = bytes;
  }
  return true;
}

void Worker::run(Launch &launch, uint64_t block) {
  threadsWorker = this;
  launching = &launch;
  if (!prepare(block)) {
    launch.error = CUDA_ERROR_OUT_OF_MEMORY;
    return;
  }
  while (ended < threads.size() && !launch.error.load()) {
    bool canStart = started < threads.size();
    if (!canStart && ready.empty()) {
      noteStall();
      break;
    }
    if (ready.empty() || (canStart && random.below(2))) {
      Fiber *fiber = takeFiber();
      if (!fiber) {
        launch.error = CUDA_ERROR_OUT_OF_MEMORY;
        break;
      }
      resume(*fiber);
      continue;
    }
    size_t at = random.below(ready.size());
    GpuThread *thread = ready[at];
    ready[at] = ready.back();
    ready.pop_back();
    running = thread;
    resume(*thread->fiber);
  }
  if (launch.error.load()) {
    // Fibers that stand inside the kernel are abandoned.
    idle.clear();
    for (auto &fiber : fibers) {
      fiber->reset();
      idle.push_back(fiber.get());
    }
  }
}

void Worker::exited(GpuThread &thread) {
  thread.exited = true;
  ++ended;
  if (!launching->barriers) {
    // As the hardware does: who has left is no longer waited for.
    if (!atBarrier.empty() && atBarrier.size() == threads.size() - ended) {
      ready.insert(ready.end(), atBarrier.begin(), atBarrier.end());
      atBarrier.clear();
      ++epoch;
    }
    return;
  }
  if (!atBarrier.empty())
    fault(CUDA_ERROR_LAUNCH_FAILED,
          "divergent barrier: this thread left the kernel while %zu of its "
          "block wait at a barrier",
          atBarrier.size());
  for (const Rendezvous &meeting : warps[thread.info.warp])
    if (meeting.mask >> thread.info.lane & 1)
      fault(CUDA_ERROR_LAUNCH_FAILED,
            "divergent warp: this thread left the kernel while lanes of its "
            "warp wait for it, mask 0x%08x",
            meeting.mask);
}

/// Nobody can go on: the block waits for what will not come.
void Worker::noteStall() {
  size_t atWarp = threads.size() - ended - atBarrier.size();
  running = atBarrier.empty() ? nullptr : atBarrier.front();
  char text[256];
  snprintf(text, sizeof(text),
           "kernel '%s': block (%u, %u, %u): divergent barrier: %zu threads "
           "wait at a barrier, %zu for lanes of their warp, %u have left",
           launching->kernel->name, blockId[0], blockId[1], blockId[2],
           atBarrier.size(), atWarp, ended);
  int none = CUDA_SUCCESS;
  if (launching->error.compare_exchange_strong(none, CUDA_ERROR_LAUNCH_FAILED))
    simulator().report(text);
}

void Worker::fault(CUresult error, const char *format, ...) {
  char what[512];
  va_list list;
  va_start(list, format);
  vsnprintf(what, sizeof(what), format, list);
  va_end(list);
  const uint32_t *id = running->info.thread_id;
  char text[1024];
  snprintf(text, sizeof(text),
           "kernel '%s': block (%u, %u, %u), thread (%u, %u, %u): %s",
           launching->kernel->name, blockId[0], blockId[1], blockId[2], id[0],
           id[1], id[2], what);
  int none = CUDA_SUCCESS;
  if (launching->error.compare_exchange_strong(none, int(error)))
    simulator().report(text);
  suspend();
  __builtin_trap();
}

//===----------------------------------------------------------------------===//
// Meeting others
//===----------------------------------------------------------------------===//

void Worker::barrier(const void *site) {
  if (atBarrier.empty())
    barrierSite = site;
  if (launching->barriers && site != barrierSite)
    fault(CUDA_ERROR_LAUNCH_FAILED,
          "divergent barrier: %zu threads of the block wait at another one",
          atBarrier.size());
  if (launching->barriers && ended)
    fault(CUDA_ERROR_LAUNCH_FAILED,
          "divergent barrier: %u threads of the block have left the kernel",
          ended);
  GpuThread *self = running;
  if (atBarrier.size() + 1 < threads.size() - ended) {
    atBarrier.push_back(self);
    suspend();
    return;
  }
  for (GpuThread *waiting : atBarrier) {
    waiting->warpEpoch = 0;
    ready.push_back(waiting);
  }
  atBarrier.clear();
  self->warpEpoch = 0;
  ++epoch;
}

/// Gives every lane of a complete meeting its result; all but `last` resume.
void Worker::finish(Rendezvous &meeting, GpuThread &last) {
  uint32_t yes = 0;
  for (uint32_t lane = 0; lane < SYM_SIM_WARP; ++lane)
    if (meeting.mask >> lane & 1 && meeting.value[lane])
      yes |= 1u << lane;
  for (uint32_t lane = 0; lane < SYM_SIM_WARP; ++lane) {
    if (!(meeting.mask >> lane & 1))
      continue;
    GpuThread &thread = threads[last.info.warp * SYM_SIM_WARP + lane];
    if (meeting.kind == kSync)
      ++thread.warpEpoch;
    if (meeting.kind == kVote) {
      switch (meeting.mode) {
      case SYM_SIM_VOTE_ANY:
        thread.value = yes != 0;
        break;
      case SYM_SIM_VOTE_ALL:
        thread.value = yes == meeting.mask;
        break;
      case SYM_SIM_VOTE_BALLOT:
        thread.value = yes;
        break;
      default:
        thread.value = yes == 0 || yes == meeting.mask;
      }
    }
    if (meeting.kind == kShuffle) {
      // PTX, shfl.sync.
      uint32_t by = meeting.lane[lane] & 31;
      uint32_t bound = meeting.clamp[lane] & 31;
      uint32_t segment = meeting.clamp[lane] >> 8 & 31;
      uint32_t most = (lane & segment) | (bound & ~segment);
      uint32_t least = lane & segment;
      int64_t from;
      bool inRange;
      switch (meeting.mode) {
      case SYM_SIM_SHUFFLE_UP:
        from = int64_t(lane) - by;
        inRange = from >= int64_t(most);
        break;
      case SYM_SIM_SHUFFLE_DOWN:
        from = lane + by;
        inRange = from <= most;
        break;
      case SYM_SIM_SHUFFLE_BUTTERFLY:
        from = lane ^ by;
        inRange = from <= most;
        break;
      default:
        from = least | (by & ~segment);
        inRange = from <= most;
      }
      if (!inRange)
        from = lane;
      thread.valid = inRange;
      // The value of a lane that takes no part is anything.
      thread.value =
          meeting.mask >> from & 1 ? meeting.value[from] : 0xffffffffu;
    }
    if (&thread != &last)
      ready.push_back(&thread);
  }
}

uint32_t Worker::meet(uint32_t kind, uint32_t mode, uint32_t mask,
                      uint32_t value, uint32_t lane, uint32_t clamp,
                      uint32_t *valid) {
  GpuThread *self = running;
  uint32_t own = self->info.lane;
  if (!(mask >> own & 1))
    fault(CUDA_ERROR_LAUNCH_FAILED,
          "divergent warp: lane %u is not in its own mask 0x%08x", own, mask);
  uint32_t first = self->info.warp * SYM_SIM_WARP;
  uint32_t exist =
      std::min<uint32_t>(SYM_SIM_WARP, uint32_t(threads.size()) - first);
  if (exist < SYM_SIM_WARP)
    mask &= (1u << exist) - 1;
  for (uint32_t i = 0; i < exist; ++i) {
    if (!(mask >> i & 1) || !threads[first + i].exited)
      continue;
    if (launching->barriers)
      fault(CUDA_ERROR_LAUNCH_FAILED,
            "divergent warp: lane %u of mask 0x%08x has left the kernel", i,
            mask);
    mask &= ~(1u << i);
  }

  std::vector<Rendezvous> &open = warps[self->info.warp];
  auto it = std::find_if(open.begin(), open.end(), [&](const Rendezvous &m) {
    return m.kind == kind && m.mode == mode && m.mask == mask &&
           !(m.arrived >> own & 1);
  });
  if (it == open.end()) {
    open.push_back(Rendezvous());
    it = std::prev(open.end());
    it->kind = kind;
    it->mode = mode;
    it->mask = mask;
  }
  it->arrived |= 1u << own;
  it->value[own] = value;
  it->lane[own] = lane;
  it->clamp[own] = clamp;
  if (it->arrived == mask) {
    Rendezvous meeting = *it;
    open.erase(it);
    finish(meeting, *self);
  } else {
    suspend();
  }
  if (valid)
    *valid = self->valid;
  return self->value;
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

void Worker::checkRace(Shadow &shadow, uint64_t offset, uint64_t bytes,
                       uint32_t flags, uint32_t line, const char *space) {
  Accessor who = {launching->number, blockNumber, running->number, epoch,
                  running->warpEpoch};
  uint64_t other, otherBlock;
  bool isWrite = flags & SYM_SIM_ACCESS_WRITE;
  if (shadow.access(offset, bytes, isWrite, flags & SYM_SIM_ACCESS_ATOMIC, who,
                    &other, &otherBlock))
    return;
  fault(CUDA_ERROR_LAUNCH_FAILED,
        "race: %s of %llu bytes of %s memory at offset %llu (line %u) and an "
        "access by thread %llu of block %llu",
        isWrite ? "write" : "read", (unsigned long long)bytes, space,
        (unsigned long long)offset, line, (unsigned long long)other,
        (unsigned long long)otherBlock);
}

void *Worker::access(uint64_t address, uint64_t bytes, uint32_t flags,
                     uint32_t line) {
  const char *verb = flags & SYM_SIM_ACCESS_WRITE ? "write" : "read";
  bool races = launching->races && !(flags & SYM_SIM_ACCESS_ORDERED);
  if (bytes && !(bytes & (bytes - 1)) && address % bytes)
    fault(CUDA_ERROR_MISALIGNED_ADDRESS,
          "%s of %llu bytes at the misaligned address 0x%llx (line %u)", verb,
          (unsigned long long)bytes, (unsigned long long)address, line);

  if (flags >> SYM_SIM_SPACE_SHIFT == SYM_SIM_SPACE_SHARED) {
    uint64_t size = launching->sharedBytes();
    if (launching->bounds && (address > size || bytes > size - address))
      fault(CUDA_ERROR_ILLEGAL_ADDRESS,
            "%s of %llu bytes at offset %llu of %llu bytes of shared memory "
            "(line %u)",
            verb, (unsigned long long)bytes, (unsigned long long)address,
            (unsigned long long)size, line);
    if (races && sharedShadow && address + bytes <= size)
      checkRace(*sharedShadow, address, bytes, flags, line, "shared");
    return shared + address;
  }

  if (!launching->bounds && !races)
    return hostBytes(address);
  LiveTable &live = simulator().live;
  uint64_t version = live.version();
  if (version != knownVersion) {
    for (LiveTable::Range &range : known)
      range = LiveTable::Range();
    knownVersion = version;
  }
  LiveTable::Range *found = nullptr;
  for (LiveTable::Range &range : known)
    if (address - range.base < range.size)
      found = &range;
  if (!found) {
    found = &known[nextKnown++ % 4];
    *found = live.find(address);
  }
  uint64_t offset = address - found->base;
  if (offset > found->size || bytes > found->size - offset) {
    // Plain numbers: a fault leaves no chance to destroy anything.
    uint64_t size = found->size;
    *found = LiveTable::Range();
    if (launching->bounds && size && offset < size + 65536)
      fault(CUDA_ERROR_ILLEGAL_ADDRESS,
            "%s of %llu bytes at offset %llu of an allocation of %llu bytes "
            "(line %u)",
            verb, (unsigned long long)bytes, (unsigned long long)offset,
            (unsigned long long)size, line);
    if (launching->bounds)
      fault(CUDA_ERROR_ILLEGAL_ADDRESS,
            "%s of %llu bytes at 0x%llx, which is not allocated now (line %u)",
            verb, (unsigned long long)bytes, (unsigned long long)address, line);
    return hostBytes(address);
  }
  if (races && found->shadow)
    checkRace(*found->shadow, offset, bytes, flags, line, "global");
  return hostBytes(address);
}
