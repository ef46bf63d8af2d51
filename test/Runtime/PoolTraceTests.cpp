//===- PoolTraceTests.cpp - Memory under long traces of calls (C3) --------===//
//
// Ten thousand calls whose shapes vary, whose results and pins are held for a
// while, and whose arrays are freed by other threads.
//
//===----------------------------------------------------------------------===//

#include "StoreFixture.h"

#include <algorithm>
#include <mutex>
#include <random>
#include <string.h>
#include <thread>

using namespace symtest;

namespace {
class PoolTrace : public Store {};
SYM_FOR_EVERY_POLICY(PoolTrace);

/// Arrays that another thread releases.
class Releaser {
public:
  Releaser() : thread([this] { run(); }) {}
  ~Releaser() {
    finished.store(true);
    thread.join();
  }
  void give(sym_array *array) {
    std::lock_guard<std::mutex> guard(mutex);
    arrays.push_back(array);
  }

private:
  void run() {
    for (bool last = false;;) {
      last = finished.load();
      std::vector<sym_array *> mine;
      {
        std::lock_guard<std::mutex> guard(mutex);
        mine.swap(arrays);
      }
      for (sym_array *array : mine)
        sym_array_release(array);
      if (last)
        return;
      std::this_thread::yield();
    }
  }
  std::mutex mutex;
  std::vector<sym_array *> arrays;
  std::atomic<bool> finished{false};
  std::thread thread;
};
} // namespace

TEST_P(PoolTrace, C3_TenThousandCallsOfVaryingShapes) {
  sym_variable *s = instance.variable("s"), *t = instance.variable("t");
  ASSERT_OK(setVector(t, {1}));
  std::mt19937 random(7);
  sym_trim();
  sym_reset_statistics();
  int64_t before = sym_get_statistics().bytes_reserved, worst = 0;
  {
    Releaser releaser;
    struct Kept {
      sym_array *array;
      std::vector<double> data; ///< what it must show
      int until;
    };
    std::vector<Kept> kept;
    std::vector<double> x;
    for (int call = 0; call < 10000; ++call) {
      if (call % 10 == 0) { // from a few bytes to a megabyte, evenly by order
        size_t size = size_t(1) << random() % 15;
        size += random() % size;
        x.assign(size, double(call));
        ASSERT_OK(setVector(s, x));
      }
      int lifetime = call + int(random() % 40);
      std::vector<sym_array *> results;
      switch (random() % 5) {
      case 0:
        ASSERT_OK(instance.call("old", {Tensor(x)}, &results));
        break;
      case 1:
        ASSERT_OK(instance.call("replace", {Tensor(x)}, &results));
        break;
      case 2:
        ASSERT_OK(instance.call("axpy", {Tensor(x)}));
        break;
      case 3: {
        int64_t never = 0;
        ASSERT_OK(instance.call("busy", {Tensor(x), Tensor(never)}));
        break;
      }
      default:
        sym_array *pin;
        ASSERT_OK(sym_variable_borrow(s, &pin));
        results.push_back(pin);
      }
      for (sym_array *result : results) {
        sym_tensor view = sym_array_view(result);
        const double *data = static_cast<double *>(view.data);
        kept.push_back({result, {data[0], data[view.sizes[0] - 1]}, lifetime});
      }
      for (size_t i = 0; i < kept.size();) {
        if (kept[i].until > call) {
          ++i;
          continue;
        }
        sym_tensor view = sym_array_view(kept[i].array);
        const double *data = static_cast<double *>(view.data);
        ASSERT_EQ(data[0], kept[i].data[0]) << "B2, T3";
        ASSERT_EQ(data[view.sizes[0] - 1], kept[i].data[1]);
        if (random() % 2)
          releaser.give(kept[i].array);
        else
          sym_array_release(kept[i].array);
        kept[i] = std::move(kept.back());
        kept.pop_back();
      }
      worst = std::max(worst, sym_get_statistics().bytes_reserved - before);
    }
    for (Kept &k : kept)
      releaser.give(k.array);
  }
  int64_t mark = sym_get_statistics().bytes_high_water;
  // Twice the largest live set, an arena per thread, 64 KB per size class and a
  // megabyte.
  int64_t allowance = 2 * (512 << 10) + 24 * (64 << 10) + (1 << 20);
  EXPECT_LE(worst, 2 * mark + allowance);
  RecordProperty("reserved_percent_of_live", int(100 * worst / mark));
  // Nothing is left but what the variables hold, and that goes back on request.
  ASSERT_OK(setVector(s, {1}));
  ASSERT_OK(setVector(t, {1}));
  sym_trim();
  EXPECT_LE(sym_get_statistics().bytes_reserved, before + allowance);
}
