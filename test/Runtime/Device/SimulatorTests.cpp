//===- SimulatorTests.cpp - What the simulated driver finds ---------------===//
//
// Each mistake that a program for a device can make is made here, and must be
// found: at once where a check sees it, within a few seeds where only the order
// shows it.
//
//===----------------------------------------------------------------------===//

#include "DeviceFixture.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace sym::rt;
using namespace sym::rt::test;
using testing::HasSubstr;

namespace {
class Simulator : public SimulatedTest {
protected:
  /// Runs a kernel of one parameter on 32 words, and answers what waiting for
  /// it says.
  sym_status run(const char *kernel, Grid shape, size_t words = 32) {
    Setting s;
    EXPECT_OK(s.open(*driver));
    CUdeviceptr d;
    EXPECT_OK(s.upload(std::vector<unsigned>(words), &d));
    EXPECT_OK(s.launch(kernel, shape, d));
    sym_status status = s.stream.synchronize();
    s.pool.free(s.stream, d, int64_t(words * 4));
    return status;
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// Checks in kernels
//===----------------------------------------------------------------------===//

TEST_F(Simulator, StoreOutOfBounds) {
  EXPECT_EQ(run("beyond", grid(1, 32)), SYM_OK) << report();
  EXPECT_EQ(run("beyond", grid(1, 33)), SYM_KERNEL_FAULT);
  EXPECT_THAT(report(), HasSubstr("kernel 'beyond': block (0, 0, 0), thread "
                                  "(32, 0, 0): write of 4 bytes at offset 128 "
                                  "of an allocation of 128 bytes"));
}

TEST_F(Simulator, MisalignedStore) {
  EXPECT_EQ(run("misaligned", grid(1, 1)), SYM_KERNEL_FAULT);
  EXPECT_THAT(report(), HasSubstr("misaligned address"));
}

TEST_F(Simulator, SharedMemoryOutOfBounds) {
  EXPECT_EQ(run("beyondShared", grid(1, 32)), SYM_KERNEL_FAULT);
  EXPECT_THAT(report(), HasSubstr("write of 4 bytes at offset 128 of 128 bytes "
                                  "of shared memory"));
}

TEST_F(Simulator, MissingBarrier) {
  EXPECT_EQ(run("missingBarrier", grid(1, 64), 64), SYM_KERNEL_FAULT);
  EXPECT_THAT(report(), HasSubstr("race: "));
}

TEST_F(Simulator, DivergentBarrier) {
  EXPECT_EQ(run("divergentBarrier", grid(1, 32)), SYM_KERNEL_FAULT);
  EXPECT_THAT(report(), HasSubstr("divergent barrier"));
}

TEST_F(Simulator, TwoBarriersAreNotOne) {
  EXPECT_EQ(run("twoBarriers", grid(1, 32)), SYM_KERNEL_FAULT);
  EXPECT_THAT(report(), HasSubstr("wait at another one"));
}

TEST_F(Simulator, ShuffleThatNotAllComeTo) {
  EXPECT_EQ(run("divergentShuffle", grid(1, 32)), SYM_KERNEL_FAULT);
  EXPECT_THAT(report(), HasSubstr("16 threads wait at a barrier, 16 for lanes "
                                  "of their warp"));
}

TEST_F(Simulator, BlocksThatWriteOnePlace) {
  EXPECT_EQ(run("blocksRace", grid(1, 1)), SYM_OK) << report();
  EXPECT_EQ(run("blocksRace", grid(2, 1)), SYM_KERNEL_FAULT);
  EXPECT_THAT(report(), HasSubstr("race: write of 4 bytes of global memory"));
}

TEST_F(Simulator, UpdateThatIsNotAtomic) {
  EXPECT_EQ(run("lostUpdate", grid(1, 2)), SYM_KERNEL_FAULT);
  EXPECT_THAT(report(), HasSubstr("race: "));
}

TEST_F(Simulator, WarpsAreOrderedBySyncWarpAlone) {
  for (unsigned ordered : {1u, 0u}) {
    Setting s;
    ASSERT_OK(s.open(*driver));
    CUdeviceptr d;
    ASSERT_OK(s.upload(std::vector<unsigned>(32), &d));
    ASSERT_OK(s.launch("warpExchange", grid(1, 32), d, ordered));
    EXPECT_EQ(s.stream.synchronize(), ordered ? SYM_OK : SYM_KERNEL_FAULT);
    EXPECT_EQ(report().find("race") == std::string::npos, ordered);
    s.pool.free(s.stream, d, 128);
  }
}

TEST_F(Simulator, ChecksCanBeTurnedOff) {
  ASSERT_EQ(control().configure("races=0"), 0);
  EXPECT_EQ(run("missingBarrier", grid(1, 64), 64), SYM_OK) << report();
  ASSERT_EQ(control().configure("barriers=0"), 0);
  EXPECT_EQ(run("divergentBarrier", grid(1, 32)), SYM_OK) << report();
}

TEST_F(Simulator, ImagesWithoutInstrumentation) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  ASSERT_OK(s.module.load(s.device, readFile(SYM_TEST_IMAGE_PLAIN).data()));
  unsigned n = 700, blocks = 3;
  std::vector<unsigned> in(n), out(blocks), want(blocks);
  for (unsigned i = 0; i < n; ++i) {
    in[i] = i;
    want[i / 256] += i;
  }
  CUdeviceptr din, dout;
  ASSERT_OK(s.upload(in, &din));
  ASSERT_OK(s.allocate<unsigned>(blocks, &dout));
  ASSERT_OK(s.launch("sum", grid(blocks, 256), dout, din, n));
  ASSERT_OK(s.download(dout, &out));
  EXPECT_EQ(out, want);
  // Nobody asks, nobody is told; barriers are still looked after.
  ASSERT_OK(s.launch("blocksRace", grid(2, 1), dout));
  ASSERT_OK(s.stream.synchronize());
  ASSERT_OK(s.launch("divergentBarrier", grid(1, 32), din));
  EXPECT_EQ(s.stream.synchronize(), SYM_KERNEL_FAULT);
  s.pool.free(s.stream, din, n * 4);
  s.pool.free(s.stream, dout, blocks * 4);
}

TEST_F(Simulator, KernelsOfAModuleThatIsGone) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  CUdeviceptr d;
  ASSERT_OK(s.upload(std::vector<unsigned>(32), &d));
  ASSERT_OK(DeviceGraph::beginCapture(s.stream));
  ASSERT_OK(s.launch("increment", grid(1, 32), d, 32u));
  DeviceGraph graph;
  DeviceGraphExec exec;
  ASSERT_OK(graph.endCapture(s.stream));
  ASSERT_OK(exec.create(s.device, graph));
  s.module.reset();
  ASSERT_OK(exec.launch(s.stream));
  EXPECT_EQ(s.stream.synchronize(), SYM_KERNEL_FAULT);
  EXPECT_THAT(report(), HasSubstr("a module that was unloaded"));
  s.pool.free(s.stream, d, 128);
}

// Without the check, the mistake must show in the numbers.
TEST_F(Simulator, MissingBarrierGivesWrongNumbers) {
  int wrong = 0;
  for (int seed = 0; seed < 20 && !wrong; ++seed) {
    std::string options =
        "races=0,lag-us=10000000,seed=" + std::to_string(seed);
    driver = simulated(options.c_str());
    Setting s;
    ASSERT_OK(s.open(*driver));
    CUdeviceptr d;
    ASSERT_OK(s.upload(std::vector<unsigned>(64), &d));
    ASSERT_OK(s.launch("missingBarrier", grid(1, 64), d));
    std::vector<unsigned> out(64);
    ASSERT_OK(s.download(d, &out));
    for (unsigned i = 0; i < 64; ++i)
      wrong += out[i] != 63 - i;
    ASSERT_OK(s.pool.free(s.stream, d, 256));
  }
  EXPECT_GT(wrong, 0);
}

//===----------------------------------------------------------------------===//
// Orders
//===----------------------------------------------------------------------===//

/// What two streams make of 5 by +1 and ×2, with or without an event between.
static unsigned twoStreams(const Driver &driver, bool ordered) {
  Setting s;
  DeviceStream other;
  DeviceEvent event;
  CUdeviceptr d;
  std::vector<unsigned> out(32);
  EXPECT_OK(s.open(driver));
  EXPECT_OK(other.create(s.device));
  EXPECT_OK(event.create(s.device));
  EXPECT_OK(s.upload(std::vector<unsigned>(32, 5), &d));
  EXPECT_OK(s.stream.synchronize());
  EXPECT_OK(s.launch("increment", grid(1, 32), d, 32u));
  EXPECT_OK(s.stream.record(event));
  if (ordered)
    EXPECT_OK(other.wait(event));
  EXPECT_OK(s.launchOn(other, "twice", grid(1, 32), d, 32u));
  EXPECT_OK(s.device.synchronize());
  EXPECT_OK(s.download(d, &out));
  EXPECT_OK(s.pool.free(s.stream, d, 128));
  return out[0];
}

TEST_F(Simulator, MissingEventGivesWrongNumbers) {
  int wrong = 0;
  for (int seed = 0; seed < 20; ++seed) {
    std::string options = "lag-us=10000000,seed=" + std::to_string(seed);
    unsigned result = twoStreams(*simulated(options.c_str()), false);
    wrong += result != 12;
    ASSERT_EQ(twoStreams(*simulated(options.c_str()), false), result)
        << "a seed is one order";
    ASSERT_EQ(twoStreams(*simulated(options.c_str()), true), 12u);
  }
  EXPECT_GE(wrong, 3);
  EXPECT_LE(wrong, 17);
}

TEST_F(Simulator, MemoryUsedBeforeItsStreamAllocatedIt) {
  int found = 0;
  for (int seed = 0; seed < 20; ++seed) {
    std::string options = "lag-us=10000000,seed=" + std::to_string(seed);
    driver = simulated(options.c_str());
    Setting s;
    DeviceStream other;
    CUdeviceptr d;
    ASSERT_OK(s.open(*driver));
    ASSERT_OK(other.create(s.device));
    ASSERT_OK(s.allocate<unsigned>(32, &d));
    ASSERT_OK(other.fillWords(d, 1, 32));
    found += s.device.synchronize() == SYM_KERNEL_FAULT;
    s.pool.free(s.stream, d, 128);
  }
  EXPECT_GE(found, 3);
  EXPECT_LE(found, 17);
}

TEST_F(Simulator, MemoryUsedAfterItsStreamFreedIt) {
  int found = 0;
  for (int seed = 0; seed < 20; ++seed) {
    std::string options = "lag-us=10000000,seed=" + std::to_string(seed);
    driver = simulated(options.c_str());
    Setting s;
    DeviceStream other;
    CUdeviceptr d;
    ASSERT_OK(s.open(*driver));
    ASSERT_OK(other.create(s.device));
    ASSERT_OK(s.allocate<unsigned>(32, &d));
    ASSERT_OK(s.stream.fillWords(d, 0, 32));
    ASSERT_OK(s.stream.synchronize());
    ASSERT_OK(s.launchOn(other, "increment", grid(1, 32), d, 32u));
    ASSERT_OK(s.pool.free(s.stream, d, 128));
    if (s.device.synchronize() == SYM_KERNEL_FAULT) {
      ++found;
      EXPECT_THAT(report(), HasSubstr("not allocated now"));
    }
  }
  EXPECT_GE(found, 3);
  EXPECT_LE(found, 17);
}

TEST_F(Simulator, NothingRunsBeforeSomebodyWaits) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  ASSERT_OK(s.stream.synchronize());
  int calls = 0;
  ASSERT_OK(
      s.stream.callHost([](void *n) { ++*static_cast<int *>(n); }, &calls));
  usleep(20000);
  EXPECT_EQ(calls, 0);
  ASSERT_OK(s.stream.synchronize());
  EXPECT_EQ(calls, 1);
}

TEST_F(Simulator, PinnedMemoryIsReadWhenTheCopyRuns) {
  Setting s;
  PinnedMemory host;
  ASSERT_OK(s.open(*driver));
  ASSERT_OK(host.create(s.device, 128));
  CUdeviceptr d;
  ASSERT_OK(s.allocate<unsigned>(32, &d));
  auto *words = reinterpret_cast<unsigned *>(host.data());
  std::fill_n(words, 32, 1u);
  ASSERT_OK(s.stream.copyToDevice(d, words, 128));
  std::fill_n(words, 32, 2u); // the mistake
  std::vector<unsigned> out(32);
  ASSERT_OK(s.download(d, &out));
  EXPECT_EQ(out[0], 2u);
  ASSERT_OK(s.pool.free(s.stream, d, 128));
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

TEST_F(Simulator, HostCodeCannotTouchDeviceMemory) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  CUdeviceptr d;
  ASSERT_OK(s.upload(std::vector<unsigned>(32, 1), &d));
  ASSERT_OK(s.stream.synchronize());
  pid_t child = fork();
  if (!child) {
    signal(SIGSEGV, [](int) { _exit(42); });
    _exit(*reinterpret_cast<volatile unsigned *>(d) ? 1 : 2);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 42);
  ASSERT_OK(s.pool.free(s.stream, d, 128));
}

TEST_F(Simulator, NewMemoryIsPoisoned) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  for (int round = 0; round < 2; ++round) {
    CUdeviceptr d;
    ASSERT_OK(s.allocate<float>(32, &d));
    std::vector<float> out(32);
    ASSERT_OK(s.download(d, &out));
    for (float value : out)
      EXPECT_NE(value, value);
    ASSERT_OK(s.stream.fillWords(d, 0, 32));
    ASSERT_OK(s.pool.free(s.stream, d, 128));
  }
}

TEST_F(Simulator, LeaksAreCounted) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  sym_sim_counts all = counts();
  EXPECT_EQ(all.contexts, 1);
  EXPECT_EQ(all.streams, 1);
  EXPECT_EQ(all.modules, 1);
  EXPECT_EQ(all.pools, 1);
  EXPECT_EQ(all.events, Staging::kSlots);
  EXPECT_EQ(all.pinned, Staging::kSlots);
}

TEST_F(Simulator, ManyLaunchesDoNotMixTheirAccesses) {
  // More launches than the race check numbers.
  Setting s;
  ASSERT_OK(s.open(*driver));
  CUdeviceptr d;
  ASSERT_OK(s.upload(std::vector<unsigned>(2), &d));
  ASSERT_EQ(control().configure("max-pending=64"), 0);
  for (int i = 0; i < 17000; ++i)
    ASSERT_OK(s.launch("increment", grid(1, i % 2 ? 1 : 2), d, 2u));
  std::vector<unsigned> out(2);
  ASSERT_OK(s.download(d, &out));
  EXPECT_EQ(out, std::vector<unsigned>(2, 17000));
  ASSERT_OK(s.pool.free(s.stream, d, 8));
}
