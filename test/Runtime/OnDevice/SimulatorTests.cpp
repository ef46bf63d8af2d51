//===- SimulatorTests.cpp - The store over the device layer ---------------===//

#include "../StoreFixture.h"
#include "SimulatedDevices.h"

#include "sym/Runtime/sym_device.h"

using namespace symtest;

namespace {
class OnSimulator : public Store {
protected:
  ~OnSimulator() override { EXPECT_EQ(driverReport(), ""); }
};
SYM_FOR_EVERY_POLICY(OnSimulator);

struct State {
  explicit State(Instance &instance)
      : n(readInt(instance.variable("n"))), m(readInt(instance.variable("m"))),
        h(readInt(instance.variable("h"))),
        s(readVector(instance.variable("s"))),
        t(readVector(instance.variable("t"))) {
    sym_device_statistics device;
    EXPECT_OK(sym_device_get_statistics(0, &device));
    deviceBytes = device.bytes_in_use;
  }
  bool operator==(const State &o) const {
    return n == o.n && m == o.m && h == o.h && s == o.s && t == o.t &&
           deviceBytes == o.deviceBytes;
  }
  int64_t n, m, h;
  std::vector<double> s, t;
  int64_t deviceBytes = 0; // the layer keeps records on the host
};
} // namespace

TEST_P(OnSimulator, T4_EveryFailureOfTheDriverLeavesStateUnchanged) {
  std::vector<double> start(40, 2), x(40, 0.5);
  int64_t zero = 0, five = 5;
  int32_t one = 1;
  Tensor vector(x), number(five), never(zero), small(one);
  using Arguments = std::vector<const sym_tensor *>;
  const std::pair<const char *, Arguments> calls[] = {
      {"add", {small}},      {"transfer", {number}},
      {"swap", {}},          {"rotate", {vector}},
      {"axpy", {vector}},    {"old", {vector}},
      {"replace", {vector}}, {"busy", {vector, never}},
      {"scale", {vector}},   {"count", {vector}},
      {"look", {}}};
  constexpr int kInvalidValue = 1, kOutOfMemory = 2;
  int failures = 0;
  for (const auto &[name, args] : calls) {
    for (uint64_t k = 1;; ++k) {
      ASSERT_LT(k, 200u) << name;
      ASSERT_OK(setVector(instance.variable("s"), start));
      ASSERT_OK(setVector(instance.variable("t"), {-1}));
      ASSERT_OK(sym_device_trim(0)); // so that memory is asked for
      State before(instance);
      failDriver(k, k % 2 ? kInvalidValue : kOutOfMemory);
      sym_status status = instance.call(name, args);
      bool happened = failDriver(0, kInvalidValue) >= k;
      if (!happened) {
        EXPECT_OK(status);
        break;
      }
      if (status) {
        ++failures;
        EXPECT_TRUE(State(instance) == before) << name << ", call " << k;
      }
    }
  }
  EXPECT_GT(failures, 20);
}

TEST_P(OnSimulator, T5_OrdersThatNothingFixesDoNotMatter) {
  std::vector<double> x = {1, 2, 3};
  for (int seed = 1; seed <= 20; ++seed) {
    seedDriver(seed);
    ASSERT_OK(setVector(instance.variable("s"), {0, 0, 0}));
    ASSERT_OK(setVector(instance.variable("t"), {5}));
    std::vector<sym_array *> results;
    for (int i = 0; i < 4; ++i)
      ASSERT_OK(instance.call("old", {Tensor(x)}, &results));
    ASSERT_OK(instance.call("elsewhere", {Tensor(x)}, &results));
    sym_tensor far = sym_array_view(results[4]);
    ASSERT_OK(instance.call("axpy", {&far}));
    sym_array_release(results[4]); // the copy to cuda:0 is still to come
    for (int i = 0; i < 4; ++i)
      EXPECT_EQ(takeVector(results[size_t(i)]),
                (std::vector<double>{1. * i, 2. * i, 3. * i}))
          << seed;
    EXPECT_EQ(readVector(instance.variable("s")),
              (std::vector<double>{6, 12, 18}))
        << seed;
  }
}

TEST_P(OnSimulator, C2_ASteadyStateAsksTheDriverForNothing) {
  std::vector<double> start(100, 0), x(100, 1);
  ASSERT_OK(setVector(instance.variable("s"), start));
  int32_t one = 1;
  auto round = [&] {
    ASSERT_OK(instance.call("axpy", {Tensor(x)}));
    ASSERT_OK(instance.call("add", {Tensor(one)}));
    EXPECT_EQ(readVector(instance.variable("s")).size(), 100u);
  };
  for (int i = 0; i < 3; ++i)
    round();
  ASSERT_OK(sym_device_reset_statistics(0));
  for (int i = 0; i < 20; ++i)
    round();
  sym_device_statistics device;
  ASSERT_OK(sym_device_get_statistics(0, &device));
  EXPECT_EQ(device.driver_allocations, 0);
  EXPECT_EQ(device.graph_builds, 0);
}

TEST(OnSimulatorShutdown, WaitsForWhatIsHeld) {
  sym_array *pin = nullptr;
  {
    Instance instance(mainProgram(0));
    ASSERT_OK(setVector(instance.variable("s"), {1, 2}));
    ASSERT_OK(sym_variable_borrow(instance.variable("s"), &pin));
  }
  EXPECT_EQ(sym_device_shutdown(), SYM_INVALID_ARGUMENT);
  EXPECT_EQ(takeVector(pin), (std::vector<double>{1, 2}));
  ASSERT_OK(sym_device_shutdown());
  Instance again(mainProgram(0));
  ASSERT_OK(setVector(again.variable("s"), {3}));
  EXPECT_EQ(readVector(again.variable("s")), (std::vector<double>{3}));
}
