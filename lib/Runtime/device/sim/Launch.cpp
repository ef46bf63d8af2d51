//===- Launch.cpp - One run of a kernel over its grid ---------------------===//

#include "Launch.h"
#include "Block.h"
#include "Module.h"
#include "Simulator.h"

#include <condition_variable>
#include <thread>

using namespace sym::sim;

namespace {

/// Threads that run blocks beside the executing one. They live as long as the
/// process.
struct Crew {
  std::mutex mutex;
  std::condition_variable called, left;
  Launch *launch = nullptr;
  uint64_t round = 0; ///< counts launches
  int wanted = 0;     ///< members that take part in this one
  int busy = 0;
  int members = 0;
  Worker own; ///< of the executing thread

  void work(int member);
};

} // namespace

static void runBlocks(Launch &launch, Worker &worker) {
  uint64_t count = launch.blocks();
  for (;;) {
    uint64_t index = launch.next.fetch_add(1);
    if (index >= count || launch.error.load())
      return;
    worker.run(launch, launch.order[index]);
  }
}

void Crew::work(int member) {
  Worker *worker = new Worker;
  uint64_t seen = 0;
  std::unique_lock<std::mutex> lock(mutex);
  for (;;) {
    called.wait(lock, [&] { return round != seen; });
    seen = round;
    if (member >= wanted || !launch)
      continue;
    Launch &mine = *launch;
    ++busy;
    lock.unlock();
    runBlocks(mine, *worker);
    lock.lock();
    --busy;
    left.notify_all();
  }
}

void sym::sim::runLaunch(Launch &launch, int workers) {
  static Crew *crew = new Crew;
  if (workers > 1 && launch.blocks() > 1) {
    std::unique_lock<std::mutex> lock(crew->mutex);
    while (crew->members < workers - 1) {
      int member = crew->members++;
      std::thread([member] { crew->work(member); }).detach();
    }
    crew->launch = &launch;
    crew->wanted = workers - 1;
    ++crew->round;
    crew->called.notify_all();
  }
  runBlocks(launch, crew->own);
  std::unique_lock<std::mutex> lock(crew->mutex);
  // Who has not begun must not begin any more.
  crew->launch = nullptr;
  crew->left.wait(lock, [&] { return crew->busy == 0; });
}

CUresult KernelWork::run() {
  Simulator &sim = simulator();
  std::vector<void *> pointers;
  for (std::vector<char> &param : params)
    pointers.push_back(param.data());

  Launch launch;
  launch.shape = shape;
  launch.params = pointers.data();
  int workers;
  {
    std::lock_guard<std::mutex> guard(sim.mutex);
    // A graph may name kernels that are no more.
    if (!isLoaded(function)) {
      sim.report("launch of a kernel of a module that was unloaded");
      return CUDA_ERROR_ILLEGAL_ADDRESS;
    }
    launch.kernel = function->kernel;
    bool instrumented = function->module->instrumented;
    launch.seed = sim.random.next();
    sim.nextLaunch = sim.nextLaunch % (kLaunches - 1) + 1;
    if (sim.nextLaunch == 1)
      sim.live.forgetAccesses();
    launch.number = sim.nextLaunch;
    launch.bounds = instrumented && sim.config.bounds;
    launch.barriers = sim.config.barriers;
    launch.races =
        instrumented && sim.config.races && launch.blocks() <= kCheckedBlocks;
    workers = int(sim.config.workers);
  }
  if (!workers)
    workers = std::min(4, int(std::thread::hardware_concurrency()));
  launch.order = Permutation(launch.blocks(), launch.seed);
  runLaunch(launch, workers);
  return CUresult(launch.error.load());
}
