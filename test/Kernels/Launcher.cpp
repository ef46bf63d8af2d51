//===- Launcher.cpp - Runs kernels on the host, for tests -----------------===//
//
// What sym_kernel_launch does in a program that sym-compile made with
// --kernel-launcher: threads of a block are fibers on one system thread, blocks
// run one after the other, in an order that no kernel may rely on. Memory is
// the host's. Ends the process where a kernel breaks a rule.
//
//===----------------------------------------------------------------------===//

#include "sym/Runtime/sim_abi.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <ucontext.h>
#include <vector>

extern "C" const sym_sim_image sym_sim_image_v1;

namespace {
constexpr size_t kStackBytes = 64 * 1024;

/// Values that the lanes of a warp exchange, and who has come.
struct Exchange {
  uint64_t turn = 0;
  uint32_t arrived = 0;
  uint32_t values[SYM_SIM_WARP];
};

struct Thread {
  sym_sim_thread place;
  ucontext_t context;
  std::unique_ptr<char[]> stack;
  bool done;
  uint64_t barriers, exchanges;
};

struct Block {
  std::vector<Thread> threads;
  std::vector<Exchange> exchanges; // two for each warp, in turn
  std::vector<char> shared;
  uint64_t barriers, waiting;
  size_t count, running;
  ucontext_t scheduler;
  Thread *current;
  const sym_sim_kernel *kernel;
  void **parameters;
} block;

[[noreturn]] void fail(const char *what) {
  std::fprintf(stderr, "kernel '%s': %s\n", block.kernel->name, what);
  std::_Exit(70);
}

void yield() { swapcontext(&block.current->context, &block.scheduler); }

const sym_sim_thread *current() { return &block.current->place; }
void *shared() { return block.shared.data(); }
uint32_t dynamicSharedBytes() { return 0; }

void barrier() {
  uint64_t turn = ++block.current->barriers;
  ++block.waiting;
  for (;;) {
    if (block.barriers >= turn)
      return;
    if (block.waiting == block.count) {
      block.waiting = 0;
      block.barriers = turn;
      return;
    }
    if (block.running != block.count)
      fail("a thread returned while others wait at a barrier");
    yield();
  }
}

uint32_t shuffle(uint32_t mode, uint32_t mask, uint32_t value, uint32_t operand,
                 uint32_t clamp, uint32_t *valid) {
  if (mode != SYM_SIM_SHUFFLE_BUTTERFLY || clamp != 31)
    fail("only whole warps shuffle here, by exclusive or");
  Thread &self = *block.current;
  uint64_t turn = ++self.exchanges;
  Exchange &exchange = block.exchanges[2 * self.place.warp + turn % 2];
  if (exchange.turn != turn) {
    exchange.turn = turn;
    exchange.arrived = 0;
  }
  exchange.values[self.place.lane] = value;
  exchange.arrived |= 1u << self.place.lane;
  while ((exchange.arrived & mask) != mask)
    yield();
  uint32_t source = self.place.lane ^ operand;
  if (valid)
    *valid = 1;
  return exchange.values[source];
}

uint32_t vote(uint32_t, uint32_t, uint32_t) { fail("no votes here"); }
void syncWarp(uint32_t) {}

void *access(uint64_t address, uint64_t bytes, uint32_t flags, uint32_t) {
  if (address % bytes != 0)
    fail("an access is not aligned");
  if (flags >> SYM_SIM_SPACE_SHIFT != SYM_SIM_SPACE_SHARED)
    return reinterpret_cast<void *>(address);
  if (address + bytes > block.shared.size())
    fail("an access is outside of shared memory");
  return block.shared.data() + address;
}

void trap(const char *why) { fail(why); }

const sym_sim_services services = {
    SYM_SIM_VERSION, 0,       0,    current,  shared, dynamicSharedBytes,
    barrier,         shuffle, vote, syncWarp, access, trap};

void runThread() {
  block.kernel->entry(block.parameters);
  block.current->done = true;
  --block.running;
  yield();
}

void runBlock(const uint32_t grid[3], const uint32_t size[3],
              const uint32_t id[3]) {
  block.count = block.running = size_t{size[0]} * size[1] * size[2];
  block.barriers = block.waiting = 0;
  if (block.threads.size() < block.count)
    block.threads.resize(block.count);
  block.exchanges.assign(2 * ((block.count + 31) / 32), Exchange());
  // What a block finds there is not zero.
  block.shared.assign(block.kernel->static_shared_bytes, char(0xA5));
  for (size_t i = 0; i != block.count; ++i) {
    Thread &thread = block.threads[i];
    thread.done = false;
    thread.barriers = thread.exchanges = 0;
    uint32_t number = i;
    thread.place = {{number % size[0], number / size[0] % size[1],
                     number / size[0] / size[1]},
                    {id[0], id[1], id[2]},
                    {size[0], size[1], size[2]},
                    {grid[0], grid[1], grid[2]},
                    number % SYM_SIM_WARP,
                    number / SYM_SIM_WARP};
    if (!thread.stack)
      thread.stack = std::make_unique<char[]>(kStackBytes);
    getcontext(&thread.context);
    thread.context.uc_stack.ss_sp = thread.stack.get();
    thread.context.uc_stack.ss_size = kStackBytes;
    makecontext(&thread.context, runThread, 0);
  }
  // The last one first: no thread may count on those before it.
  while (block.running != 0)
    for (size_t i = block.count; i-- != 0;)
      if (!block.threads[i].done) {
        block.current = &block.threads[i];
        swapcontext(&block.scheduler, &block.current->context);
      }
}
} // namespace

extern "C" void sym_kernel_launch(const char *name, uint32_t gridX,
                                  uint32_t gridY, uint32_t gridZ,
                                  uint32_t blockX, uint32_t blockY,
                                  uint32_t blockZ, void **parameters) {
  const sym_sim_image &image = sym_sim_image_v1;
  *image.services = &services;
  block.kernel = nullptr;
  for (uint32_t i = 0; i != image.num_kernels; ++i)
    if (std::strcmp(image.kernels[i].name, name) == 0)
      block.kernel = &image.kernels[i];
  if (!block.kernel) {
    std::fprintf(stderr, "no kernel '%s'\n", name);
    std::_Exit(70);
  }
  if (block.kernel->max_threads &&
      block.kernel->max_threads < blockX * blockY * blockZ)
    fail("the block is too large");
  block.parameters = parameters;
  const uint32_t grid[3] = {gridX, gridY, gridZ};
  const uint32_t size[3] = {blockX, blockY, blockZ};
  for (uint32_t z = gridZ; z-- != 0;)
    for (uint32_t y = gridY; y-- != 0;)
      for (uint32_t x = gridX; x-- != 0;) {
        const uint32_t id[3] = {x, y, z};
        runBlock(grid, size, id);
      }
}
