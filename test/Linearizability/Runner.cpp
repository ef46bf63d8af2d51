//===- Runner.cpp - Runs scenarios and checks what happened ---------------===//

#include "Runner.h"
#include "Checker.h"
#include "Perturb.h"
#include "Store.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <random>
#include <stdio.h>
#include <thread>
#include <unistd.h>

using namespace symtest::lin;

//===----------------------------------------------------------------------===//
// Plans
//===----------------------------------------------------------------------===//

namespace {
class Planner {
public:
  Planner(const Scenario &scenario, uint64_t seed, int thread)
      : scenario(scenario), random(seed * 977 + uint64_t(thread)),
        thread(thread) {
    for (const Scenario::Weight &weight : scenario.weights)
      sum += weight.weight;
  }

  std::vector<Operation> plan() {
    std::vector<Operation> operations;
    std::vector<int> written; // write borrows that this plan has begun
    for (int i = 0; i < scenario.operations; ++i) {
      Operation op = draw();
      if (op.kind == Kind::BeginWrite)
        written.push_back(op.variable);
      operations.push_back(std::move(op));
      if (!written.empty() && below(2)) {
        operations.push_back(end(written.back()));
        written.pop_back();
      }
    }
    for (int variable : written)
      operations.push_back(end(variable));
    return operations;
  }

private:
  int below(int bound) { return int(random() % uint64_t(bound)); }
  /// No other operation writes it, so that a read tells whose it was.
  int64_t uniqueValue() { return (int64_t(thread + 1) << 40) + ++counter; }

  Operation end(int variable) {
    Operation op;
    op.kind = below(3) ? Kind::Commit : Kind::Rollback;
    op.variable = variable;
    op.arguments = {uniqueValue()};
    return op;
  }

  Operation draw() {
    Operation op;
    int lot = below(sum);
    for (const Scenario::Weight &weight : scenario.weights) {
      op.kind = weight.kind;
      if ((lot -= weight.weight) < 0)
        break;
    }
    int numVariables = int(scenario.policies.size());
    op.variable = below(numVariables);
    switch (op.kind) {
    case Kind::Call:
      drawCall(op);
      break;
    case Kind::Set:
    case Kind::SetLent:
      op.arguments = {uniqueValue()};
      break;
    case Kind::Snapshot:
    case Kind::Publish:
      for (int v = 0; v < numVariables; ++v)
        if (below(3))
          op.variables.push_back(v);
      if (op.kind == Kind::Publish)
        for (size_t i = 0; i < op.variables.size(); ++i)
          op.arguments.push_back(uniqueValue());
      break;
    default:
      break;
    }
    return op;
  }

  void drawCall(Operation &op) {
    op.variable = below(int(scenario.functions.size()));
    const FunctionSpec &f = scenario.functions[size_t(op.variable)];
    std::vector<int64_t> &p = op.arguments;
    bool checks = f.checks && !f.reads.empty() && below(2);
    p = {checks ? below(int(f.reads.size())) : -1,
         below(2) ? 0 : int64_t(1) << 62, // one of these fails about always
         int64_t(f.reads.size()),
         int64_t(f.updates.size()),
         f.numResults,
         int64_t(f.handed.size())};
    for (const FunctionSpec::Update &update : f.updates)
      p.push_back(update.kind);
    for (int source : f.handed)
      p.push_back(source);
    int rows = int(f.updates.size()) + f.numResults;
    for (int r = 0; r < rows; ++r) {
      bool isResult = r >= int(f.updates.size());
      p.push_back(isResult || below(2) ? below(3) : uniqueValue());
      // Often the source itself or its neighbour: sums hide nothing, but
      // mixtures soon look like noise in a message.
      int chosen = f.reads.empty() ? 0 : (r + below(2)) % int(f.reads.size());
      for (int k = 0; k < int(f.reads.size()); ++k)
        p.push_back(k == chosen ? 1 : below(8) ? 0 : below(3) - 1);
    }
  }

  const Scenario &scenario;
  std::mt19937_64 random;
  int thread;
  int64_t counter = 0;
  int sum = 0;
};

//===----------------------------------------------------------------------===//
// Rounds
//===----------------------------------------------------------------------===//

/// Lets all threads start together and tells when all are done.
class Rounds {
public:
  explicit Rounds(int threads) : threads(threads) {}

  /// For the checking thread. False if a round does not end in time.
  bool runOne(double patience) {
    std::unique_lock<std::mutex> lock(mutex);
    running = threads;
    ++round;
    changed.notify_all();
    return changed.wait_for(lock, std::chrono::duration<double>(patience),
                            [&] { return running == 0; });
  }
  void stop() {
    std::lock_guard<std::mutex> lock(mutex);
    stopped = true;
    changed.notify_all();
  }

  /// For workers. False if there is nothing more to do.
  bool wait(int64_t &seen) {
    {
      std::unique_lock<std::mutex> lock(mutex);
      changed.wait(lock, [&] { return round != seen || stopped; });
      if (round == seen)
        return false;
      seen = round;
    }
    // Waking takes a while; meet once more, so that operations overlap.
    arrived.fetch_add(1);
    while (arrived.load() < seen * threads)
      std::this_thread::yield();
    return true;
  }
  void done() {
    std::lock_guard<std::mutex> lock(mutex);
    if (--running == 0)
      changed.notify_all();
  }

private:
  int threads;
  std::mutex mutex;
  std::condition_variable changed;
  int64_t round = 0;
  int running = 0;
  bool stopped = false;
  std::atomic<int64_t> arrived{0};
};

Intensity intensityFor(uint64_t lot) {
  return lot % 4 == 0   ? Intensity::None
         : lot % 4 == 1 ? Intensity::High
                        : Intensity::Low;
}
} // namespace

RunResult symtest::lin::run(const Scenario &scenario,
                            const RunOptions &options) {
  RunResult result;
  Store store(scenario);
  State state = store.initialState();
  int threads = scenario.threads;
  History history{size_t(threads)};
  Rounds rounds(threads);
  std::vector<std::thread> workers;
  for (int t = 0; t < threads; ++t)
    workers.emplace_back([&, t] {
      Store::Session session(store);
      int64_t seen = 0;
      uint64_t lot = options.seed * 31 + uint64_t(t);
      while (rounds.wait(seen)) {
        for (Operation &op : history[size_t(t)]) {
          lot = lot * 6364136223846793005u + 1442695040888963407u;
          setIntensity(intensityFor(lot >> 33), lot);
          session.run(op);
          setIntensity(Intensity::None, 0);
        }
        rounds.done();
      }
    });

  std::vector<Planner> planners;
  for (int t = 0; t < threads; ++t)
    planners.emplace_back(scenario, options.seed, t);
  int64_t deadline = now() + int64_t(std::min(options.seconds, 1e6) * 1e9);
  while (result.violation.empty() && result.operations < options.operations &&
         now() < deadline) {
    for (int t = 0; t < threads; ++t)
      history[size_t(t)] = planners[size_t(t)].plan();
    if (!rounds.runOne(options.patience)) {
      printf("violation: scenario '%s': a round does not end, some thread "
             "waits for ever\n",
             scenario.name.c_str());
      fflush(stdout);
      _exit(1);
    }
    History happened{size_t(threads) + 1};
    for (int t = 0; t < threads; ++t)
      for (Operation &op : history[size_t(t)])
        if (op.ran)
          happened[size_t(t)].push_back(op);
    happened.back() = store.readAll();
    for (const auto &thread : happened)
      result.operations += int64_t(thread.size());
    ++result.rounds;
    result.violation = store.takeFault();
    if (result.violation.empty())
      result.violation = checkHistory(scenario, state, happened);
    // Nothing runs and no write borrow is held: the reads are the state.
    state = State();
    for (const Operation &op : happened.back())
      state.values[op.variable] = op.results[0];
  }
  rounds.stop();
  for (std::thread &worker : workers)
    worker.join();
  return result;
}
