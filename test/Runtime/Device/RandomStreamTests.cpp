//===- RandomStreamTests.cpp - Random work on several streams -------------===//
//
// Updates that do not commute, on a few buffers, from a few streams. What an
// operation must wait for follows from who wrote and read its buffers last;
// with exactly those events the result is that of one operation after the
// other, whatever the order. With one of the waits left out, some seed must
// show it.
//
//===----------------------------------------------------------------------===//

#include "DeviceFixture.h"

#include <random>

using namespace sym::rt;
using namespace sym::rt::test;

namespace {

constexpr unsigned kBuffers = 4;
constexpr unsigned kStreams = 3;
constexpr unsigned kWords = 40;
constexpr int kOperations = 60;
constexpr int kNone = -1;

struct Operation {
  enum Kind { kIncrement, kTwice, kFill, kCopy } kind;
  unsigned stream;
  unsigned target;
  unsigned source;        ///< of a copy
  unsigned value;         ///< of a fill
  std::vector<int> after; ///< operations of other streams that it waits for
};

struct Plan {
  std::vector<Operation> operations;
  std::vector<unsigned> results; ///< of each buffer, one after the other
  int waits = 0;
};

class RandomStreams : public DeviceTest {
protected:
  void run(const Plan &plan, int without, std::vector<unsigned> *results);
};

} // namespace

static Plan makePlan(unsigned seed) {
  std::mt19937 random(seed);
  Plan plan;
  std::vector<unsigned> values(kBuffers);
  std::vector<int> writer(kBuffers, kNone);
  // The last reader of each buffer in each stream.
  std::vector<std::vector<int>> readers(kBuffers,
                                        std::vector<int>(kStreams, kNone));
  for (unsigned i = 0; i < kBuffers; ++i)
    values[i] = i + 1;
  for (int i = 0; i < kOperations; ++i) {
    Operation op = {};
    op.kind = Operation::Kind(random() % 4);
    op.stream = random() % kStreams;
    op.target = random() % kBuffers;
    op.source = (op.target + 1 + random() % (kBuffers - 1)) % kBuffers;
    op.value = random() % 100;
    auto waitFor = [&](int other) {
      if (other != kNone && plan.operations[other].stream != op.stream)
        op.after.push_back(other);
    };
    waitFor(writer[op.target]);
    for (int reader : readers[op.target])
      waitFor(reader);
    switch (op.kind) {
    case Operation::kIncrement:
      values[op.target] += 1;
      break;
    case Operation::kTwice:
      values[op.target] *= 2;
      break;
    case Operation::kFill:
      values[op.target] = op.value;
      break;
    case Operation::kCopy:
      waitFor(writer[op.source]);
      values[op.target] = values[op.source];
      readers[op.source][op.stream] = i;
      break;
    }
    writer[op.target] = i;
    readers[op.target].assign(kStreams, kNone);
    plan.waits += int(op.after.size());
    plan.operations.push_back(op);
  }
  plan.results = values;
  return plan;
}

/// Runs a plan, leaving out the wait of number `without`.
void RandomStreams::run(const Plan &plan, int without,
                        std::vector<unsigned> *results) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  DeviceStream streams[kStreams];
  CUdeviceptr buffers[kBuffers];
  std::vector<DeviceEvent> events(plan.operations.size());
  for (DeviceStream &stream : streams)
    ASSERT_OK(stream.create(s.device));
  for (unsigned i = 0; i < kBuffers; ++i)
    ASSERT_OK(s.upload(std::vector<unsigned>(kWords, i + 1), &buffers[i]));
  ASSERT_OK(s.stream.synchronize());

  int waits = 0;
  for (size_t i = 0; i < plan.operations.size(); ++i) {
    const Operation &op = plan.operations[i];
    DeviceStream &stream = streams[op.stream];
    CUdeviceptr target = buffers[op.target];
    for (int other : op.after)
      if (waits++ != without)
        ASSERT_OK(stream.wait(events[size_t(other)]));
    switch (op.kind) {
    case Operation::kIncrement:
      ASSERT_OK(s.launchOn(stream, "increment", grid(2, 32), target, kWords));
      break;
    case Operation::kTwice:
      ASSERT_OK(s.launchOn(stream, "twice", grid(2, 32), target, kWords));
      break;
    case Operation::kFill:
      ASSERT_OK(stream.fillWords(target, op.value, kWords));
      break;
    case Operation::kCopy:
      ASSERT_OK(stream.copyOnDevice(target, buffers[op.source], kWords * 4));
      break;
    }
    ASSERT_OK(events[i].create(s.device));
    ASSERT_OK(stream.record(events[i]));
  }
  ASSERT_OK(s.device.synchronize());
  results->clear();
  for (CUdeviceptr buffer : buffers) {
    std::vector<unsigned> words(kWords);
    ASSERT_OK(s.download(buffer, &words));
    EXPECT_EQ(words, std::vector<unsigned>(kWords, words[0]));
    results->push_back(words[0]);
    ASSERT_OK(s.pool.free(s.stream, buffer, kWords * 4));
  }
}

INSTANTIATE_TEST_SUITE_P(Drivers, RandomStreams,
                         testing::ValuesIn(installedDrivers()),
                         [](const auto &info) { return info.param; });

TEST_P(RandomStreams, EventsMakeOneOrder) {
  for (unsigned seed = 0; seed < 10; ++seed) {
    if (isSimulated())
      driver =
          simulated(("lag-us=10000000,seed=" + std::to_string(seed)).c_str());
    Plan plan = makePlan(seed);
    std::vector<unsigned> results;
    run(plan, kNone, &results);
    ASSERT_EQ(results, plan.results) << "seed " << seed;
  }
}

// A wait may be implied by others, and what its loss changes may be overwritten
// or the same by chance: of 52 waits of this plan six seeds show the loss of
// six. The orders follow from the seeds, so the figure is the same everywhere.
TEST_P(RandomStreams, AMissingWaitIsFound) {
  if (!isSimulated())
    GTEST_SKIP() << "only the simulated driver has seeds";
  Plan plan = makePlan(5);
  ASSERT_GT(plan.waits, 10);
  int found = 0;
  for (int without = 0; without < plan.waits; ++without) {
    bool wrong = false;
    for (unsigned seed = 0; seed < 6 && !wrong; ++seed) {
      driver =
          simulated(("lag-us=10000000,seed=" + std::to_string(seed)).c_str());
      std::vector<unsigned> results;
      run(plan, without, &results);
      wrong = results != plan.results;
    }
    found += wrong;
  }
  RecordProperty("waits", plan.waits);
  RecordProperty("found", found);
  EXPECT_GE(found, 3);
}
