//===- ConformanceTests.cpp - What every driver must do -------------------===//

#include "DeviceFixture.h"

#include <atomic>
#include <numeric>
#include <thread>

using namespace sym::rt;
using namespace sym::rt::test;

namespace {
class Conformance : public DeviceTest {};
} // namespace

INSTANTIATE_TEST_SUITE_P(Drivers, Conformance,
                         testing::ValuesIn(installedDrivers()),
                         [](const auto &info) { return info.param; });

// Says that half of the suite is missing.
TEST(InstalledDriver, IsInTheSuite) {
  const Driver *installed;
  if (openDriver(nullptr, &installed) != SYM_OK)
    GTEST_SKIP() << sym_error_message();
  EXPECT_STRNE(SYM_TEST_PTX, "") << "no nvcc compiled the kernels";
}

TEST_P(Conformance, LimitsAreKnown) {
  Device device;
  ASSERT_OK(device.open(*driver, 0));
  EXPECT_GE(device.limits().arch, 50);
  EXPECT_GE(device.limits().maxThreadsPerBlock, 1024);
  EXPECT_GE(device.limits().sharedBytesOptIn, device.limits().sharedBytes);
  EXPECT_GT(device.limits().memoryBytes, 0);
  EXPECT_NE(device.limits().name[0], 0);
  EXPECT_OK(device.close());
}

TEST_P(Conformance, NoSuchDevice) {
  Device device;
  EXPECT_EQ(device.open(*driver, driver->devices), SYM_NO_DEVICE);
  EXPECT_EQ(device.open(*driver, -1), SYM_NO_DEVICE);
  EXPECT_FALSE(device.isOpen());
}

TEST_P(Conformance, DeviceOutlivesWhatWasMadeFromIt) {
  Device device;
  ASSERT_OK(device.open(*driver, 0));
  {
    DeviceStream stream;
    ASSERT_OK(stream.create(device));
    EXPECT_EQ(device.close(), SYM_INVALID_ARGUMENT);
    EXPECT_OK(stream.synchronize()) << "nothing happened";
  }
  EXPECT_OK(device.close());
}

TEST_P(Conformance, CopiesOfAllSizes) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  for (size_t count : {size_t(0), size_t(1), size_t(1023), size_t(1024),
                       size_t(1025), size_t(10000)}) {
    std::vector<unsigned> in(count), out(count, 7);
    std::iota(in.begin(), in.end(), 3u);
    CUdeviceptr a, b;
    ASSERT_OK(s.upload(in, &a));
    ASSERT_OK(s.allocate<unsigned>(count, &b));
    ASSERT_OK(s.stream.copyOnDevice(b, a, count * 4));
    ASSERT_OK(s.download(b, &out));
    EXPECT_EQ(in, out);
    ASSERT_OK(s.pool.free(s.stream, a, int64_t(count * 4)));
    ASSERT_OK(s.pool.free(s.stream, b, int64_t(count * 4)));
  }
}

TEST_P(Conformance, SourceOfAnUploadMayChangeAtOnce) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  std::vector<unsigned> in(20000, 1), out(20000);
  CUdeviceptr a;
  ASSERT_OK(s.upload(in, &a));
  std::fill(in.begin(), in.end(), 2u);
  ASSERT_OK(s.download(a, &out));
  EXPECT_EQ(out, std::vector<unsigned>(20000, 1));
  ASSERT_OK(s.pool.free(s.stream, a, 80000));
}

TEST_P(Conformance, Fills) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  CUdeviceptr a;
  ASSERT_OK(s.allocate<unsigned>(100, &a));
  ASSERT_OK(s.stream.fillWords(a, 0x01020304, 100));
  ASSERT_OK(s.stream.fillBytes(a + 4, 0xab, 4));
  std::vector<unsigned> out(100);
  ASSERT_OK(s.download(a, &out));
  EXPECT_EQ(out[0], 0x01020304u);
  EXPECT_EQ(out[1], 0xababababu);
  EXPECT_EQ(out[99], 0x01020304u);
  ASSERT_OK(s.pool.free(s.stream, a, 400));
}

TEST_P(Conformance, KernelWithTail) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  unsigned n = 1003;
  std::vector<float> a(n), b(n), sum(n);
  for (unsigned i = 0; i < n; ++i) {
    a[i] = float(i) / 3;
    b[i] = float(n - i);
  }
  CUdeviceptr da, db, dc;
  ASSERT_OK(s.upload(a, &da));
  ASSERT_OK(s.upload(b, &db));
  ASSERT_OK(s.allocate<float>(n, &dc));
  ASSERT_OK(s.launch("add", grid(3, 128), dc, da, db, n));
  ASSERT_OK(s.download(dc, &sum));
  for (unsigned i = 0; i < n; ++i)
    ASSERT_EQ(sum[i], a[i] + b[i]) << i;
  for (CUdeviceptr p : {da, db, dc})
    ASSERT_OK(s.pool.free(s.stream, p, n * 4));
}

TEST_P(Conformance, SharedMemoryShufflesAndBarriers) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  unsigned n = 5000, threads = 256, blocks = (n + threads - 1) / threads;
  std::vector<unsigned> in(n), out(blocks);
  for (unsigned i = 0; i < n; ++i)
    in[i] = i * i % 1009;
  CUdeviceptr din, dout;
  ASSERT_OK(s.upload(in, &din));
  ASSERT_OK(s.allocate<unsigned>(blocks, &dout));
  ASSERT_OK(s.launch("sum", grid(blocks, threads), dout, din, n));
  ASSERT_OK(s.download(dout, &out));
  for (unsigned b = 0; b < blocks; ++b) {
    unsigned want = 0;
    for (unsigned i = b * threads; i < std::min(n, (b + 1) * threads); ++i)
      want += in[i];
    EXPECT_EQ(out[b], want) << b;
  }
  ASSERT_OK(s.pool.free(s.stream, din, n * 4));
  ASSERT_OK(s.pool.free(s.stream, dout, blocks * 4));
}

TEST_P(Conformance, Transpose) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  unsigned rows = 37, columns = 50;
  std::vector<float> in(rows * columns), out(rows * columns);
  std::iota(in.begin(), in.end(), 0.0f);
  CUdeviceptr din, dout;
  ASSERT_OK(s.upload(in, &din));
  ASSERT_OK(s.allocate<float>(out.size(), &dout));
  Grid shape;
  shape.blocks[0] = (columns + 15) / 16;
  shape.blocks[1] = (rows + 15) / 16;
  shape.threads[0] = shape.threads[1] = 16;
  ASSERT_OK(s.launch("transpose", shape, dout, din, rows, columns));
  ASSERT_OK(s.download(dout, &out));
  for (unsigned r = 0; r < rows; ++r)
    for (unsigned c = 0; c < columns; ++c)
      ASSERT_EQ(out[c * rows + r], in[r * columns + c]) << r << ' ' << c;
  ASSERT_OK(s.pool.free(s.stream, din, rows * columns * 4));
  ASSERT_OK(s.pool.free(s.stream, dout, rows * columns * 4));
}

TEST_P(Conformance, Atomics) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  unsigned n = 4000;
  std::vector<unsigned> in(n), out(8);
  for (unsigned i = 0; i < n; ++i)
    in[i] = i % 11;
  CUdeviceptr din, dout;
  ASSERT_OK(s.upload(in, &din));
  ASSERT_OK(s.allocate<unsigned>(8, &dout));
  ASSERT_OK(s.stream.fillWords(dout, 0, 8));
  ASSERT_OK(s.launch("histogram", grid(16, 256), dout, din, n));
  ASSERT_OK(s.download(dout, &out));
  std::vector<unsigned> want(8);
  for (unsigned value : in)
    ++want[value % 8];
  EXPECT_EQ(out, want);
  ASSERT_OK(s.pool.free(s.stream, din, n * 4));
  ASSERT_OK(s.pool.free(s.stream, dout, 32));
}

TEST_P(Conformance, ShufflesAndVotes) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  std::vector<unsigned> out(256);
  CUdeviceptr d;
  ASSERT_OK(s.allocate<unsigned>(256, &d));
  ASSERT_OK(s.launch("lanes", grid(1, 32), d));
  ASSERT_OK(s.download(d, &out));
  for (unsigned lane = 0; lane < 32; ++lane) {
    EXPECT_EQ(out[lane], 100 + (lane < 3 ? lane : lane - 3));
    EXPECT_EQ(out[32 + lane], 100 + (lane + 5 > 31 ? lane : lane + 5));
    EXPECT_EQ(out[64 + lane], 100 + (lane ^ 9));
    EXPECT_EQ(out[96 + lane], 107u);
    EXPECT_EQ(out[128 + lane], 0x49249249u);
    EXPECT_EQ(out[160 + lane], 1u);
    EXPECT_EQ(out[192 + lane], 1u);
    EXPECT_EQ(out[224 + lane], 100 + (lane ^ (lane < 16 ? 1 : 2)));
  }
  ASSERT_OK(s.pool.free(s.stream, d, 1024));
}

TEST_P(Conformance, DynamicSharedMemory) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  std::vector<unsigned> in(192), out(192);
  std::iota(in.begin(), in.end(), 0u);
  CUdeviceptr d;
  ASSERT_OK(s.upload(in, &d));
  ASSERT_OK(s.launch("reverse", grid(3, 64, 256), d));
  ASSERT_OK(s.download(d, &out));
  for (unsigned i = 0; i < 192; ++i)
    EXPECT_EQ(out[i], i / 64 * 64 + 63 - i % 64);
  ASSERT_OK(s.pool.free(s.stream, d, 768));
}

TEST_P(Conformance, MoreSharedMemoryMustBeAskedFor) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  DeviceFunction function;
  ASSERT_OK(s.module.function("reverse", &function));
  unsigned bytes = unsigned(s.device.limits().sharedBytes) + 1024;
  CUdeviceptr d;
  ASSERT_OK(s.upload(std::vector<unsigned>(32), &d));
  void *params[] = {&d};
  EXPECT_EQ(s.stream.launch(function, grid(1, 32, bytes), params),
            SYM_INVALID_ARGUMENT);
  ASSERT_OK(function.allowSharedBytes(int(bytes)));
  EXPECT_OK(s.stream.launch(function, grid(1, 32, bytes), params));
  EXPECT_OK(s.stream.synchronize());
  ASSERT_OK(s.pool.free(s.stream, d, 128));
}

TEST_P(Conformance, BadLaunchesAreRefusedAndChangeNothing) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  CUdeviceptr d;
  ASSERT_OK(s.upload(std::vector<unsigned>(32, 5), &d));
  EXPECT_EQ(s.launch("increment", grid(0, 32), d, 32u), SYM_INVALID_ARGUMENT);
  EXPECT_EQ(s.launch("increment", grid(1, 2048), d, 32u), SYM_INVALID_ARGUMENT);
  EXPECT_EQ(s.launch("no such kernel", grid(1, 32), d), SYM_NOT_FOUND);
  std::vector<unsigned> out(32);
  ASSERT_OK(s.download(d, &out));
  EXPECT_EQ(out, std::vector<unsigned>(32, 5));
  ASSERT_OK(s.pool.free(s.stream, d, 128));
}

TEST_P(Conformance, NoImage) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  DeviceModule module;
  char junk[4096] = "this is no image at all";
  EXPECT_EQ(module.load(s.device, junk), SYM_BAD_FORMAT) << sym_error_message();
  EXPECT_FALSE(module.isValid());
}

TEST_P(Conformance, EventsOrderStreams) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  DeviceStream other;
  DeviceEvent event, back;
  ASSERT_OK(other.create(s.device));
  ASSERT_OK(event.create(s.device));
  ASSERT_OK(back.create(s.device));
  for (int round = 0; round < 20; ++round) {
    CUdeviceptr d;
    ASSERT_OK(s.upload(std::vector<unsigned>(64, 5), &d));
    ASSERT_OK(s.launch("increment", grid(2, 32), d, 64u));
    ASSERT_OK(s.stream.record(event));
    ASSERT_OK(other.wait(event));
    ASSERT_OK(s.launchOn(other, "twice", grid(2, 32), d, 64u));
    ASSERT_OK(other.record(back));
    ASSERT_OK(s.stream.wait(back));
    std::vector<unsigned> out(64);
    ASSERT_OK(s.download(d, &out));
    ASSERT_EQ(out, std::vector<unsigned>(64, 12)) << round;
    ASSERT_OK(s.pool.free(s.stream, d, 256));
  }
  bool done = false;
  ASSERT_OK(back.synchronize());
  ASSERT_OK(back.query(&done));
  EXPECT_TRUE(done);
}

TEST_P(Conformance, QueriesBecomeTrue) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  CUdeviceptr d;
  ASSERT_OK(s.allocate<unsigned>(1, &d));
  ASSERT_OK(s.stream.fillWords(d, 1, 1));
  bool done = false;
  for (int i = 0; i < 10000 && !done; ++i) {
    ASSERT_OK(s.stream.query(&done));
    if (!done)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_TRUE(done);
  ASSERT_OK(s.pool.free(s.stream, d, 4));
}

TEST_P(Conformance, TimedEvents) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  DeviceEvent first, second;
  ASSERT_OK(first.create(s.device, true));
  ASSERT_OK(second.create(s.device, true));
  ASSERT_OK(s.stream.record(first));
  ASSERT_OK(s.stream.record(second));
  ASSERT_OK(second.synchronize());
  float milliseconds = -1;
  ASSERT_OK(second.since(first, &milliseconds));
  EXPECT_GE(milliseconds, 0);
}

TEST_P(Conformance, HostFunctionsRunInOrder) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  std::atomic<int> calls{0};
  ASSERT_OK(s.stream.callHost(
      [](void *context) { ++*static_cast<std::atomic<int> *>(context); },
      &calls));
  ASSERT_OK(s.stream.synchronize());
  EXPECT_EQ(calls, 1);
}

TEST_P(Conformance, C2_PoolIsSteady) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  auto round = [&] {
    CUdeviceptr a, b;
    ASSERT_OK(s.allocate<char>(100000, &a));
    ASSERT_OK(s.allocate<char>(3000000, &b));
    ASSERT_OK(s.pool.free(s.stream, a, 100000));
    ASSERT_OK(s.pool.free(s.stream, b, 3000000));
  };
  round();
  DevicePoolStatistics warm, after;
  ASSERT_OK(s.pool.statistics(&warm));
  EXPECT_EQ(warm.bytesInUse, 0);
  EXPECT_EQ(warm.bytesHighWater, 3100000);
  EXPECT_GE(warm.bytesReserved, 3100000);
  for (int i = 0; i < 50; ++i) {
    round();
    if (i % 10 == 0)
      ASSERT_OK(s.stream.synchronize());
  }
  ASSERT_OK(s.pool.statistics(&after));
  EXPECT_EQ(after.bytesReserved, warm.bytesReserved);
  ASSERT_OK(s.stream.synchronize());
  ASSERT_OK(s.pool.trim(0));
  ASSERT_OK(s.pool.statistics(&after));
  EXPECT_EQ(after.bytesReserved, 0);
}

TEST_P(Conformance, C3_CapIsAnError) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  s.pool.setCap(1000);
  CUdeviceptr a, b;
  ASSERT_OK(s.pool.allocate(s.stream, 600, &a));
  EXPECT_EQ(s.pool.allocate(s.stream, 401, &b), SYM_DEVICE_OUT_OF_MEMORY);
  EXPECT_THAT(sym_error_message(), testing::HasSubstr("the cap is 1000"));
  ASSERT_OK(s.pool.allocate(s.stream, 400, &b));
  ASSERT_OK(s.pool.free(s.stream, a, 600));
  ASSERT_OK(s.pool.allocate(s.stream, 500, &a));
  ASSERT_OK(s.pool.free(s.stream, a, 500));
  ASSERT_OK(s.pool.free(s.stream, b, 400));
  DevicePoolStatistics all;
  ASSERT_OK(s.pool.statistics(&all));
  EXPECT_EQ(all.bytesInUse, 0);
  EXPECT_EQ(all.refusals, 1);
  EXPECT_EQ(all.allocations, 3);
}

TEST_P(Conformance, DeviceIsFull) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  CUdeviceptr a;
  EXPECT_EQ(s.pool.allocate(s.stream, s.device.limits().memoryBytes * 2, &a),
            SYM_DEVICE_OUT_OF_MEMORY);
  EXPECT_EQ(s.device.broken(), SYM_OK);
  EXPECT_OK(s.pool.allocate(s.stream, 1 << 20, &a)) << "it still works";
  EXPECT_OK(s.pool.free(s.stream, a, 1 << 20));
}

TEST_P(Conformance, GraphsRunAgainAndCanBeChanged) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  CUdeviceptr d, e;
  ASSERT_OK(s.upload(std::vector<unsigned>(64, 1), &d));
  ASSERT_OK(s.upload(std::vector<unsigned>(64, 1), &e));
  auto capture = [&](CUdeviceptr on, DeviceGraph *graph) {
    ASSERT_OK(DeviceGraph::beginCapture(s.stream));
    ASSERT_OK(s.launch("increment", grid(2, 32), on, 64u));
    ASSERT_OK(s.launch("twice", grid(2, 32), on, 64u));
    ASSERT_OK(graph->endCapture(s.stream));
  };
  DeviceGraph graph, moved;
  capture(d, &graph);
  DeviceGraphExec exec;
  ASSERT_OK(exec.create(s.device, graph));
  std::vector<unsigned> out(64);
  ASSERT_OK(s.download(d, &out));
  EXPECT_EQ(out[0], 1u) << "capturing runs nothing";
  ASSERT_OK(exec.launch(s.stream));
  ASSERT_OK(exec.launch(s.stream));
  ASSERT_OK(s.download(d, &out));
  EXPECT_EQ(out, std::vector<unsigned>(64, 10));

  // Another kernel's parameters: the first 32 elements only.
  CUgraphNode node;
  DeviceFunction function;
  ASSERT_OK(graph.kernel(0, &node));
  ASSERT_OK(s.module.function("increment", &function));
  unsigned fewer = 32;
  void *params[] = {&d, &fewer};
  ASSERT_OK(exec.setKernel(node, function, grid(1, 32), params));
  ASSERT_OK(exec.launch(s.stream));
  ASSERT_OK(s.download(d, &out));
  EXPECT_EQ(out[31], 22u);
  EXPECT_EQ(out[32], 20u);

  // A whole graph of the same form, on other memory.
  capture(e, &moved);
  bool fits = false;
  ASSERT_OK(exec.update(moved, &fits));
  EXPECT_TRUE(fits);
  ASSERT_OK(exec.launch(s.stream));
  ASSERT_OK(s.download(e, &out));
  EXPECT_EQ(out, std::vector<unsigned>(64, 4));

  // One of another form changes nothing.
  DeviceGraph shorter;
  ASSERT_OK(DeviceGraph::beginCapture(s.stream));
  ASSERT_OK(s.launch("increment", grid(2, 32), d, 64u));
  ASSERT_OK(shorter.endCapture(s.stream));
  ASSERT_OK(exec.update(shorter, &fits));
  EXPECT_FALSE(fits);
  ASSERT_OK(exec.launch(s.stream));
  ASSERT_OK(s.download(e, &out));
  EXPECT_EQ(out, std::vector<unsigned>(64, 10));
  ASSERT_OK(s.pool.free(s.stream, d, 256));
  ASSERT_OK(s.pool.free(s.stream, e, 256));
}

TEST_P(Conformance, CaptureOverTwoStreams) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  DeviceStream other;
  DeviceEvent fork, join;
  ASSERT_OK(other.create(s.device));
  ASSERT_OK(fork.create(s.device));
  ASSERT_OK(join.create(s.device));
  CUdeviceptr d, e;
  ASSERT_OK(s.upload(std::vector<unsigned>(32, 1), &d));
  ASSERT_OK(s.upload(std::vector<unsigned>(32, 1), &e));
  ASSERT_OK(DeviceGraph::beginCapture(s.stream));
  ASSERT_OK(s.launch("increment", grid(1, 32), d, 32u));
  ASSERT_OK(s.stream.record(fork));
  ASSERT_OK(other.wait(fork));
  ASSERT_OK(s.launchOn(other, "twice", grid(1, 32), d, 32u));
  ASSERT_OK(s.launch("increment", grid(1, 32), e, 32u));
  ASSERT_OK(other.record(join));
  ASSERT_OK(s.stream.wait(join));
  ASSERT_OK(s.launch("increment", grid(1, 32), d, 32u));
  DeviceGraph graph;
  ASSERT_OK(graph.endCapture(s.stream));
  DeviceGraphExec exec;
  ASSERT_OK(exec.create(s.device, graph));
  for (int round = 1; round <= 5; ++round) {
    ASSERT_OK(s.stream.fillWords(d, 1, 32));
    ASSERT_OK(exec.launch(s.stream));
    std::vector<unsigned> out(32);
    ASSERT_OK(s.download(d, &out));
    ASSERT_EQ(out, std::vector<unsigned>(32, 5));
    ASSERT_OK(s.download(e, &out));
    ASSERT_EQ(out, std::vector<unsigned>(32, unsigned(round) + 1));
  }
  ASSERT_OK(s.pool.free(s.stream, d, 128));
  ASSERT_OK(s.pool.free(s.stream, e, 128));
}

TEST_P(Conformance, WaitingSpoilsACapture) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  ASSERT_OK(DeviceGraph::beginCapture(s.stream));
  EXPECT_EQ(s.stream.synchronize(), SYM_DEVICE_ERROR);
  DeviceGraph graph;
  EXPECT_EQ(graph.endCapture(s.stream), SYM_DEVICE_ERROR);
  EXPECT_FALSE(graph.isValid());
  EXPECT_OK(s.stream.synchronize()) << "the stream works again";
}

TEST_P(Conformance, SeveralThreads) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (unsigned t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      DeviceStream stream;
      PinnedMemory host;
      if (stream.create(s.device) || host.create(s.device, 4000))
        return;
      auto *words = reinterpret_cast<unsigned *>(host.data());
      for (unsigned round = 0; round < 10; ++round) {
        CUdeviceptr d;
        if (s.pool.allocate(stream, 4000, &d) ||
            stream.fillWords(d, t * 100 + round, 1000) ||
            s.launchOn(stream, "increment", grid(4, 256), d, 1000u) ||
            stream.copyToHost(words, d, 4000) || s.pool.free(stream, d, 4000) ||
            stream.synchronize())
          return;
        for (unsigned i = 0; i < 1000; ++i)
          if (words[i] != t * 100 + round + 1)
            return;
      }
      ++good;
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(good, 4);
}

TEST_P(Conformance, SeveralDevices) {
  if (driver->devices < 2)
    GTEST_SKIP() << "one device";
  Setting s, t;
  ASSERT_OK(s.open(*driver, 0));
  ASSERT_OK(t.open(*driver, 1));
  CUdeviceptr a, b;
  ASSERT_OK(s.upload(std::vector<unsigned>(64, 5), &a));
  ASSERT_OK(t.allocate<unsigned>(64, &b));
  ASSERT_OK(s.launch("increment", grid(2, 32), a, 64u));
  DeviceEvent event;
  ASSERT_OK(event.create(s.device));
  ASSERT_OK(s.stream.record(event));
  ASSERT_OK(t.stream.wait(event));
  ASSERT_OK(t.stream.copyFromPeer(b, a, s.device, 256));
  ASSERT_OK(t.launch("twice", grid(2, 32), b, 64u));
  std::vector<unsigned> out(64);
  ASSERT_OK(t.download(b, &out));
  EXPECT_EQ(out, std::vector<unsigned>(64, 12));
  ASSERT_OK(s.pool.free(s.stream, a, 256));
  ASSERT_OK(t.pool.free(t.stream, b, 256));
}
