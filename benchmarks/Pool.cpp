//===- Pool.cpp - The pool beside mimalloc --------------------------------===//
//
// Three programs run first, and every block that they ask of the pool is
// recorded: which thread took it, which gave it back, in which order. Then the
// same is done with the pool and with mimalloc in turn. A thread does its own
// steps in their order, and waits only for blocks that another one has not yet
// taken; of each block every page and the last byte are written.
//
// A program of its own, for mimalloc takes the place of malloc.
//
//===----------------------------------------------------------------------===//

#include "memory/Pool.h"
#include "Harness.h"
#include "sym/Runtime/debug.h"
#include "sym/Runtime/sym.hpp"

#include <condition_variable>
#include <map>
#include <mimalloc.h>
#include <mutex>
#include <queue>
#include <sched.h>
#include <thread>

extern "C" const sym_program sym_program_digits;
extern "C" const sym_program sym_program_pool;

namespace {
//===----------------------------------------------------------------------===//
// Recording
//===----------------------------------------------------------------------===//

struct Step {
  uint32_t block;
  bool free;
};

struct Trace {
  std::vector<std::vector<Step>> threads; ///< by thread, the main one first
  std::vector<int64_t> bytes;             ///< by block
  size_t size() const {
    size_t count = 0;
    for (const std::vector<Step> &steps : threads)
      count += steps.size();
    return count;
  }
};

class Recorder {
public:
  /// What `program` does, and at its end the free of all that it left.
  static Trace record(const std::function<void()> &program) {
    Recorder recorder;
    recorder.threadOf(); // the caller is the first
    sym_debug_watch_blocks(onBlock, &recorder);
    program();
    sym_debug_watch_blocks(nullptr, nullptr);
    for (const auto &[data, block] : recorder.live)
      recorder.trace.threads[0].push_back({block, true});
    return std::move(recorder.trace);
  }

private:
  size_t threadOf() {
    auto [entry, isNew] =
        numbers.emplace(std::this_thread::get_id(), numbers.size());
    if (isNew)
      trace.threads.emplace_back();
    return entry->second;
  }
  static void onBlock(void *context, const void *data, int64_t bytes,
                      int32_t freed) {
    auto &self = *static_cast<Recorder *>(context);
    std::lock_guard<std::mutex> guard(self.mutex);
    std::vector<Step> &steps = self.trace.threads[self.threadOf()];
    if (!freed) {
      auto block = uint32_t(self.trace.bytes.size());
      self.trace.bytes.push_back(bytes);
      self.live[data] = block;
      steps.push_back({block, false});
      return;
    }
    auto found = self.live.find(data);
    if (found == self.live.end())
      return; // taken before the program began
    steps.push_back({found->second, true});
    self.live.erase(found);
  }

  std::mutex mutex;
  std::map<std::thread::id, size_t> numbers;
  std::map<const void *, uint32_t> live;
  Trace trace;
};

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

/// Arrays that another thread releases.
class Releaser {
public:
  void give(sym::Array array) {
    std::lock_guard<std::mutex> guard(mutex);
    arrays.push(std::move(array));
    ready.notify_one();
  }
  ~Releaser() {
    {
      std::lock_guard<std::mutex> guard(mutex);
      done = true;
    }
    ready.notify_one();
    thread.join();
  }

private:
  void run() {
    std::unique_lock<std::mutex> lock(mutex);
    while (true) {
      ready.wait(lock, [&] { return done || !arrays.empty(); });
      if (arrays.empty())
        return;
      sym::Array array = std::move(arrays.front());
      arrays.pop();
      lock.unlock();
      {
        sym::Array gone = std::move(array);
      }
      lock.lock();
    }
  }
  std::mutex mutex;
  std::condition_variable ready;
  std::queue<sym::Array> arrays;
  bool done = false;
  std::thread thread{[this] { run(); }};
};

/// Training, with the loss of every batch kept for a while.
void trainDigits(const char *data) {
  sym::Instance digits(sym_program_digits);
  digits.load(data, /*partial=*/true);
  sym::Function train = digits.function("train");
  sym::Function loss = digits.function("loss");
  int64_t batches = digits.function("batches").call().item<int64_t>();
  std::queue<sym::Array> kept;
  for (int epoch = 0; epoch < 30; ++epoch) {
    for (int64_t batch = 0; batch < batches; ++batch) {
      kept.push(train.call(batch, 0.1f));
      if (kept.size() > 20)
        kept.pop();
    }
    kept.push(loss.call());
    kept.push(digits.variable("W").borrow());
  }
}

/// A value that is longer at every call, up to a megabyte; old ones are
/// borrowed now and then, so that their memory is not the next one's.
void growHistory() {
  sym::Instance instance(sym_program_pool);
  sym::Function append = instance.function("append");
  std::vector<double> piece(64, 1.0);
  std::queue<sym::Array> kept;
  for (int i = 0; i < 2000; ++i) {
    kept.push(append.call(piece));
    if (i % 5 == 0)
      kept.push(instance.variable("history").borrow());
    while (kept.size() > 4)
      kept.pop();
  }
}

/// Results and pins of changing sizes go to another thread, which releases
/// them.
void handOver() {
  sym::Instance instance(sym_program_pool);
  sym::Function replace = instance.function("replace");
  sym::Variable value = instance.variable("value");
  Releaser releaser;
  uint32_t random = 1;
  for (int i = 0; i < 3000; ++i) {
    random = random * 1664525u + 1013904223u;
    size_t size = size_t(1) << (random >> 28); // up to 256 KB
    std::vector<double> x(size + (random >> 8) % size, 1.0);
    releaser.give(replace.call(x));
    releaser.give(value.borrow());
  }
}

//===----------------------------------------------------------------------===//
// Replaying
//===----------------------------------------------------------------------===//

struct OurPool {
  static void *take(int64_t bytes) { return sym::rt::allocate(bytes); }
  static void give(void *data, int64_t bytes) {
    sym::rt::deallocate(data, bytes);
  }
};

struct Mimalloc {
  static void *take(int64_t bytes) {
    return mi_malloc_aligned(size_t(bytes), 64);
  }
  static void give(void *data, int64_t) { mi_free(data); }
};

/// Runs a trace on threads that stay.
template <typename Allocator> class Replay {
public:
  explicit Replay(const Trace &trace)
      : trace(trace), blocks(trace.bytes.size()) {
    for (size_t t = 1; t < trace.threads.size(); ++t)
      workers.emplace_back([this, t] {
        for (uint64_t seen = 0;;) {
          std::unique_lock<std::mutex> lock(mutex);
          changed.wait(lock, [&] { return done || round > seen; });
          if (done)
            return;
          seen = round;
          lock.unlock();
          run(t);
          lock.lock();
          if (--running == 0)
            changed.notify_all();
        }
      });
  }
  ~Replay() {
    {
      std::lock_guard<std::mutex> guard(mutex);
      done = true;
    }
    changed.notify_all();
    for (std::thread &worker : workers)
      worker.join();
  }

  void operator()() {
    {
      std::lock_guard<std::mutex> guard(mutex);
      ++round;
      running = workers.size();
    }
    changed.notify_all();
    run(0);
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [&] { return running == 0; });
  }

private:
  void run(size_t thread) {
    for (const Step &step : trace.threads[thread]) {
      int64_t bytes = trace.bytes[step.block];
      std::atomic<char *> &block = blocks[step.block];
      if (!step.free) {
        auto *data = static_cast<char *>(Allocator::take(bytes));
        for (int64_t i = 0; i < bytes; i += 4096)
          data[i] = 1;
        if (bytes)
          data[bytes - 1] = 1;
        block.store(data, std::memory_order_release);
        continue;
      }
      char *data;
      while (!(data = block.exchange(nullptr, std::memory_order_acquire)))
        sched_yield();
      Allocator::give(data, bytes);
    }
  }

  const Trace &trace;
  std::vector<std::atomic<char *>> blocks;
  std::mutex mutex;
  std::condition_variable changed;
  uint64_t round = 0;
  size_t running = 0;
  bool done = false;
  std::vector<std::thread> workers;
};

void registerTrace(const char *name, const std::function<void()> &program) {
  auto *trace = new Trace(Recorder::record(program)); // for the whole process
  auto ours = std::make_shared<Replay<OurPool>>(*trace);
  auto theirs = std::make_shared<Replay<Mimalloc>>(*trace);
  bench::registerCase(
      std::string("pool and mimalloc, ") + name,
      {1, int(trace->threads.size())}, double(trace->size()),
      [=] { (*ours)(); }, [=] { (*theirs)(); });
}
} // namespace

int main(int argc, char **argv) {
  omp_set_num_threads(1);
  registerTrace("training digits", [] { trainDigits(SYM_BENCH_DIGITS); });
  registerTrace("growing shapes", growHistory);
  registerTrace("releases by another thread", handOver);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
