//===- QueueTests.cpp - What the store asks of devices --------------------===//

#include "QueueFixture.h"

#include "device/Record.h"

#include <numeric>
#include <thread>

using namespace sym::rt;
using namespace sym::rt::test;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using Values = std::vector<unsigned>;

namespace {
class DeviceQueueTest : public QueueTest {};
} // namespace

/// Names of variants.
static const char keys[4] = {};

TEST_F(DeviceQueueTest, MemoryGoesThereAndBack) {
  Values values(5'000'000);
  std::iota(values.begin(), values.end(), 0u);
  Words a(values), b(int64_t(values.size()));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(a.data) % 256, 0u);
  ASSERT_OK(ops().copy(0, b.data, 0, a.data, b.count * 4));
  EXPECT_EQ(b.values(), values);
}

TEST_F(DeviceQueueTest, NoBytes) {
  void *nothing = ops().allocate(0, 0);
  EXPECT_NE(nothing, nullptr);
  EXPECT_OK(ops().upload(0, nothing, nullptr, 0));
  EXPECT_OK(ops().download(0, nullptr, nothing, 0));
  ops().free(0, nothing, 0);
}

TEST_F(DeviceQueueTest, CallsRunInTheOrderOfSubmission) {
  DeviceProgram *program = retain();
  Words w(Values(200, 1));
  for (int i = 0; i < 5; ++i) {
    ASSERT_OK(callOn(program, keys, [&](Variant &v) {
      v.increment(w.data, 200);
      return 0;
    }));
    ASSERT_OK(callOn(program, keys + 1, [&](Variant &v) {
      v.twice(w.data, 200);
      return 0;
    }));
  }
  EXPECT_THAT(w.values(), Each(94u));
  EXPECT_EQ(statistics().launches, 10);
  EXPECT_EQ(statistics().graph_launches, 0) << "one command needs no graph";
  ops().releaseProgram(program);
}

/// A call of every kind of command: 2 (3 + 1) + 1 = 9 in `w`, copied to `to`.
static sym_status everything(DeviceProgram *program, Words &w, Values &to) {
  return callOn(
      program, keys,
      [&](Variant &v) {
        Values threes(size_t(w.count), 3);
        auto *arena =
            static_cast<char *>(sym_rt_device_arena(v.frame, 2 * 4 * w.count));
        void *b = sym_rt_device_alloc(v.frame, 4 * w.count);
        if (!arena || !b)
          return int32_t(SYM_DEVICE_OUT_OF_MEMORY);
        sym_rt_copy_to_device(v.frame, arena, threes.data(), 4 * w.count);
        threes.assign(threes.size(), 77);
        sym_rt_fill_device(v.frame, b, 4, 1, w.count);
        v.increment(arena, unsigned(w.count));
        sym_rt_copy_on_device(v.frame, b, arena, 4 * w.count);
        v.twice(b, unsigned(w.count));
        v.increment(b, unsigned(w.count));
        sym_rt_copy_on_device(v.frame, w.data, b, 4 * w.count);
        sym_rt_device_free(v.frame, b);
        return 0;
      },
      [&](DeviceCall *call) {
        ops().addDownload(call, to.data(), w.data, 4 * w.count);
      });
}

TEST_F(DeviceQueueTest, C2_TheSteadyStateIsOneLaunch) {
  DeviceProgram *program = retain();
  Words w(300);
  Values out(300);
  ASSERT_OK(everything(program, w, out));
  EXPECT_THAT(out, Each(9u));
  ASSERT_OK(sym_device_reset_statistics(0));
  sym_sim_counts before = counts();
  for (int i = 0; i < 10; ++i) {
    out.assign(300, 0);
    ASSERT_OK(everything(program, w, out));
    EXPECT_THAT(out, Each(9u));
  }
  sym_device_statistics all = statistics();
  EXPECT_EQ(all.graph_launches, 10);
  EXPECT_EQ(all.graph_builds, 0);
  EXPECT_EQ(all.graph_updates, 0);
  EXPECT_EQ(all.driver_allocations, 0);
  EXPECT_EQ(all.graph_nodes, 8);
  EXPECT_EQ(all.launches, 30);
  EXPECT_EQ(all.uploads, 10);
  EXPECT_EQ(all.downloads, 10);
  EXPECT_EQ(all.download_bytes, 12000);
  EXPECT_EQ(all.waits, 10);
  sym_sim_counts after = counts();
  EXPECT_EQ(memcmp(&before, &after, sizeof(after)), 0);
  ops().releaseProgram(program);
}

TEST_F(DeviceQueueTest, ChangedParametersChangeTheGraph) {
  DeviceProgram *program = retain();
  // More buffers than graphs of a form.
  Words a(Values(100, 1)), b(Values(100, 1)), c(Values(100, 1)),
      d(Values(100, 1));
  auto call = [&](Words &w, unsigned count) {
    return callOn(program, keys, [&](Variant &v) {
      v.increment(w.data, count);
      v.twice(w.data, count);
      return 0;
    });
  };
  for (unsigned round = 0; round < 3; ++round)
    for (Words *w : {&a, &b, &c, &d})
      ASSERT_OK(call(*w, 100 - round * 20));
  for (Words *w : {&a, &b, &c, &d}) {
    Values values = w->values();
    ASSERT_EQ(values.size(), 100u);
    EXPECT_EQ(values[59], 22u);
    EXPECT_EQ(values[60], 10u);
    EXPECT_EQ(values[79], 10u);
    EXPECT_EQ(values[80], 4u);
  }
  sym_device_statistics all = statistics();
  EXPECT_EQ(all.graph_launches, 12);
  EXPECT_EQ(all.graph_builds, 2);
  EXPECT_EQ(all.graph_updates, 10);
  EXPECT_EQ(all.node_updates, 20);
  ops().releaseProgram(program);
}

TEST_F(DeviceQueueTest, C2_BuffersThatAreExchangedNeedNoChange) {
  DeviceProgram *program = retain();
  Words a(Values(100, 1)), b(Values(100, 1));
  for (int i = 0; i < 10; ++i)
    for (Words *w : {&a, &b})
      ASSERT_OK(callOn(program, keys, [&](Variant &v) {
        v.increment(w->data, 100);
        v.increment(w->data, 100);
        return 0;
      }));
  EXPECT_THAT(a.values(), Each(21u));
  EXPECT_THAT(b.values(), Each(21u));
  EXPECT_EQ(statistics().graph_builds, 2);
  EXPECT_EQ(statistics().graph_updates, 0);
  ops().releaseProgram(program);
}

TEST_F(DeviceQueueTest, FillsAndCopiesThatChange) {
  DeviceProgram *program = retain();
  Words a(64), b(64);
  for (unsigned i = 1; i <= 6; ++i) {
    ASSERT_OK(callOn(program, keys, [&](Variant &v) {
      sym_rt_fill_device(v.frame, a.data, 1, i, 256);
      sym_rt_copy_on_device(v.frame, b.data, a.data, 4 * i);
      sym_rt_fill_device(v.frame, a.data, 2, 0x0102, 3);
      return 0;
    }));
    EXPECT_EQ(b.values()[i - 1], i * 0x01010101u);
    EXPECT_THAT(a.values(), testing::Contains(0x01020102u));
    EXPECT_EQ(a.values()[1], (i * 0x01010000u) | 0x0102u);
  }
  EXPECT_EQ(statistics().graph_builds, 2);
  EXPECT_EQ(statistics().graph_updates, 4);
  ops().releaseProgram(program);
}

TEST_F(DeviceQueueTest, FormsThatAlternateKeepTheirGraphs) {
  DeviceProgram *program = retain();
  Words w(Values(100, 0));
  for (int round = 0; round < 4; ++round)
    for (int length = 2; length < 5; ++length)
      ASSERT_OK(callOn(program, keys, [&](Variant &v) {
        for (int i = 0; i < length; ++i)
          v.increment(w.data, 100);
        return 0;
      }));
  EXPECT_THAT(w.values(), Each(36u));
  EXPECT_EQ(statistics().graph_builds, 3);
  // More forms than are kept: still right.
  for (int length = 2; length < 20; ++length)
    ASSERT_OK(callOn(program, keys, [&](Variant &v) {
      for (int i = 0; i < length; ++i)
        v.increment(w.data, 100);
      return 0;
    }));
  EXPECT_THAT(w.values(), Each(36u + 189u));
  EXPECT_LE(counts().graph_execs, 6);
  ops().releaseProgram(program);
}

TEST_F(DeviceQueueTest, TheHostReadsInTheMiddleOfACall) {
  DeviceProgram *program = retain();
  Words w(Values(10, 4));
  for (int i = 0; i < 3; ++i) {
    unsigned seen = 0, again = 0;
    ASSERT_OK(callOn(program, keys, [&](Variant &v) {
      void *t = sym_rt_device_alloc(v.frame, 40);
      sym_rt_copy_on_device(v.frame, t, w.data, 40);
      v.increment(t, 10);
      if (sym_rt_copy_to_host(v.frame, &seen, t, 4))
        return 1;
      v.twice(t, seen);
      if (sym_rt_copy_to_host(v.frame, &again, t, 4))
        return 1;
      v.increment(t, 10);
      sym_rt_copy_on_device(v.frame, w.data, t, 4);
      return 0;
    }));
    EXPECT_EQ(seen, i == 0 ? 5u : i == 1 ? 12u : 26u);
    EXPECT_EQ(again, 2 * seen);
  }
  // Of three segments, one changes.
  EXPECT_EQ(statistics().graph_builds, 4);
  EXPECT_EQ(statistics().graph_updates, 1);
  ops().releaseProgram(program);
}

namespace {
/// What a library's call is asked for; plain data without padding.
struct LibraryParams {
  CUdeviceptr to;
  int64_t bytes;
  int64_t fails;
};
} // namespace

/// Fills twice, and may fail in between.
static sym_status fillTwice(DeviceStream &stream, const void *params) {
  const auto &wanted = *static_cast<const LibraryParams *>(params);
  if (sym_status status = stream.fillBytes(wanted.to, 7, size_t(wanted.bytes)))
    return status;
  if (wanted.fails)
    return fail(SYM_LIBRARY_ERROR, "the library refuses");
  return stream.fillBytes(wanted.to, 1, size_t(wanted.bytes) / 2);
}

TEST_F(DeviceQueueTest, T4_LibrariesAreCapturedSinceTheyMayStopHalfWay) {
  DeviceProgram *program = retain();
  Words w(Values(4, 4));
  auto call = [&](Words &to, int64_t fails) {
    return callOn(program, keys, [&](Variant &v) {
      LibraryParams params = {CUdeviceptr(to.data), 16, fails};
      return recordOf(v.frame).device->library(fillTwice, &params,
                                               sizeof(params));
    });
  };
  EXPECT_EQ(call(w, 1), SYM_LIBRARY_ERROR);
  EXPECT_STREQ(sym_error_message(), "the library refuses");
  EXPECT_THAT(w.values(), Each(4u));
  // Graphs of one form, changed by a new capture when their number is reached.
  Words a(4), b(4);
  for (Words *to : {&w, &a, &b}) {
    ASSERT_OK(call(*to, 0));
    EXPECT_THAT(to->values(), ElementsAre(0x01010101u, 0x01010101u, 0x07070707u,
                                          0x07070707u));
  }
  EXPECT_EQ(statistics().graph_builds, 2);
  EXPECT_EQ(statistics().graph_updates, 1);
  // A change that fails leaves nothing either.
  EXPECT_EQ(call(w, 1), SYM_LIBRARY_ERROR);
  ASSERT_OK(call(a, 0));
  EXPECT_EQ(w.values()[3], 0x07070707u);
  ops().releaseProgram(program);
}

TEST_F(DeviceQueueTest, T4_AVariantThatFailsLeavesNothing) {
  DeviceProgram *program = retain();
  Words w(Values(10, 4));
  EXPECT_EQ(callOn(program, keys,
                   [&](Variant &v) {
                     v.increment(w.data, 10);
                     return int32_t(SYM_SHAPE_MISMATCH);
                   }),
            SYM_SHAPE_MISMATCH);
  unsigned count = 10;
  EXPECT_EQ(callOn(program, keys,
                   [&](Variant &v) {
                     v.increment(w.data, 10);
                     v.launch(kTwice, 1, 4096, {&w.data, &count});
                     return 0;
                   }),
            SYM_INVALID_ARGUMENT);
  EXPECT_THAT(sym_error_message(), HasSubstr("kernel 'twice' on device 0"));
  EXPECT_THAT(sym_error_message(), HasSubstr("4096 x 1 x 1 threads"));
  ASSERT_OK(callOn(program, keys, [&](Variant &v) {
    v.launch(kTwice, 0, 32, {&w.data, &count}); // no block, no launch
    return 0;
  }));
  EXPECT_THAT(w.values(), Each(4u));
  EXPECT_EQ(statistics().submissions, 0);
  ops().releaseProgram(program);
}

TEST_F(DeviceQueueTest, ConstantsAreUploadedOnce) {
  DeviceProgram *program = retain();
  const Values table = {1, 2, 3}, other = {9};
  void *first = nullptr, *second = nullptr, *third = nullptr;
  for (void **to : {&first, &second})
    ASSERT_OK(callOn(program, keys, [&](Variant &v) {
      *to = sym_rt_device_constant(v.frame, table.data(), 12);
      third = sym_rt_device_constant(v.frame, other.data(), 4);
      return 0;
    }));
  EXPECT_EQ(first, second);
  EXPECT_NE(first, third);
  Values seen(3);
  ASSERT_OK(ops().download(0, seen.data(), first, 12));
  EXPECT_EQ(seen, table);
  EXPECT_EQ(statistics().uploads, 2);
  ops().releaseProgram(program);
  EXPECT_EQ(statistics().bytes_in_use, 0);
}

TEST_F(DeviceQueueTest, ProgramsAreLoadedOnceAndLeaveBehindTheirKernels) {
  DeviceProgram *program = retain();
  EXPECT_EQ(retain(), program);
  EXPECT_EQ(counts().modules, 1);
  Words w(Values(10, 1));
  ASSERT_OK(callOn(program, keys, [&](Variant &v) {
    v.increment(w.data, 10);
    v.twice(w.data, 10);
    return 0;
  }));
  ops().releaseProgram(program);
  ops().releaseProgram(program);
  EXPECT_EQ(counts().modules, 1) << "its kernels have not run";
  EXPECT_THAT(w.values(), Each(4u));
  ASSERT_OK(ops().synchronize(0));
  EXPECT_EQ(counts().modules, 0);
}

TEST_F(DeviceQueueTest, NoImageFits) {
  std::vector<char> sm80 = readFile(SYM_TEST_IMAGE_SM80);
  program.images[1] = {SYM_IMAGE_SIM, 80, sm80.data(), int64_t(sm80.size())};
  DeviceProgram *retained = nullptr;
  EXPECT_EQ(ops().retainProgram(0, &program.desc, &retained),
            SYM_WRONG_ARCHITECTURE);
  EXPECT_THAT(sym_error_message(),
              HasSubstr("program 'kernels' has no kernels for device 0"));
  EXPECT_THAT(sym_error_message(),
              HasSubstr("sm_90 (cubin), sm_80 (simulator)"));
  ASSERT_EQ(control().configure("arch=86"), 0);
  reset("lag-us=10000000,arch=86");
  program.images[0].kind = SYM_IMAGE_PTX;
  ops().releaseProgram(retain());
}

TEST_F(DeviceQueueTest, AKernelThatIsMissing) {
  program.kernels[kTwice].name = "thrice";
  DeviceProgram *retained = nullptr;
  EXPECT_EQ(ops().retainProgram(0, &program.desc, &retained), SYM_NOT_FOUND);
  EXPECT_THAT(sym_error_message(), HasSubstr("'thrice'"));
}

TEST_F(DeviceQueueTest, TwoDevices) {
  ASSERT_OK(ops().open(1));
  DeviceProgram *here = retain(0), *there = retain(1);
  EXPECT_NE(here, there);
  Words a(Values(100, 1), 0), b(100, 1), c(100, 0);
  auto plus = [](DeviceProgram *program, Words &w) {
    return callOn(program, keys, [&](Variant &v) {
      v.increment(w.data, 100);
      return 0;
    });
  };
  ASSERT_OK(plus(here, a));
  ASSERT_OK(ops().copy(1, b.data, 0, a.data, 400));
  ASSERT_OK(plus(here, a)); // behind the copy
  ASSERT_OK(plus(there, b));
  ASSERT_OK(ops().copy(0, c.data, 1, b.data, 400));
  EXPECT_THAT(c.values(), Each(3u));
  EXPECT_THAT(a.values(), Each(3u));
  ops().releaseProgram(here);
  ops().releaseProgram(there);
}

TEST_F(DeviceQueueTest, OutOfMemoryAtTheCapAndAfterwards) {
  ASSERT_OK(sym_device_set_memory_cap(0, 4 << 20));
  {
    Words a(1 << 18), b(1 << 19);
  }
  EXPECT_EQ(statistics().bytes_idle, 3 << 20);
  { // Idle memory of other sizes makes room.
    Words a(700'000);
    EXPECT_NE(a.data, nullptr);
    EXPECT_EQ(ops().allocate(0, 3 << 20), nullptr);
    EXPECT_EQ(lastStatus(), SYM_DEVICE_OUT_OF_MEMORY);
    EXPECT_THAT(sym_error_message(), HasSubstr("the cap is 4194304"));
    EXPECT_EQ(ops().allocate(0, INT64_MAX), nullptr);
    EXPECT_EQ(lastStatus(), SYM_DEVICE_OUT_OF_MEMORY);
  }
  ASSERT_OK(sym_device_trim(0));
  EXPECT_EQ(statistics().bytes_idle, 0);
  EXPECT_EQ(statistics().bytes_reserved, 0);
}

TEST_F(DeviceQueueTest, C3_IdleMemoryIsBounded) {
  // Sizes that no class serves twice.
  for (int64_t words = 1 << 20; words < (1 << 22); words += words / 7) {
    Words w(words);
    ASSERT_NE(w.data, nullptr);
    sym_device_statistics all = statistics();
    EXPECT_LE(all.bytes_in_use + all.bytes_idle,
              2 * all.bytes_high_water + (8 << 20));
  }
}

TEST_F(DeviceQueueTest, ShutdownNamesWhatIsAlive) {
  void *data = ops().allocate(0, 1000);
  DeviceProgram *program = retain();
  EXPECT_EQ(sym_device_shutdown(), SYM_INVALID_ARGUMENT);
  EXPECT_STREQ(sym_error_message(),
               "device 0 is in use: 1 programs, 0 calls, 1024 bytes");
  ops().free(0, data, 1000);
  ops().releaseProgram(program);
  ASSERT_OK(sym_device_shutdown());
  ASSERT_OK(sym_device_shutdown());
  EXPECT_EQ(sym_device_synchronize(0), SYM_NO_DEVICE);
  EXPECT_STREQ(sym_error_message(), "device 0 is not open");
  ASSERT_OK(ops().open(0));
  Words w(Values(10, 7));
  EXPECT_THAT(w.values(), Each(7u));
}

TEST_F(DeviceQueueTest, TheDriverIsChosenBeforeTheFirstUse) {
  EXPECT_OK(sym_device_select("sim"));
  EXPECT_EQ(sym_device_select("cuda"), SYM_INVALID_ARGUMENT);
  EXPECT_STREQ(sym_error_message(),
               "driver 'cuda' cannot be chosen: devices of 'sim' are open");
  int32_t count = 0;
  EXPECT_OK(sym_device_count(&count));
  EXPECT_EQ(count, 2);
  EXPECT_EQ(sym_device_open(2), SYM_NO_DEVICE);
  EXPECT_EQ(sym_device_open(-1), SYM_NO_DEVICE);
  sym_device_properties properties;
  ASSERT_OK(sym_device_get_properties(0, &properties));
  EXPECT_EQ(properties.arch, 90);
}

TEST_F(DeviceQueueTest, AKernelFaultLeavesTheHostAloneAndADeviceToReopen) {
  DeviceProgram *program = retain();
  {
    Words w(Values(32, 1));
    ASSERT_OK(callOn(program, keys, [&](Variant &v) {
      v.increment(w.data, 32);
      v.launch(kTraps, 1, 32, {&w.data});
      return 0;
    })) << "what fails later is said at a wait";
    EXPECT_EQ(ops().synchronize(0), SYM_KERNEL_FAULT);
    report();
    EXPECT_EQ(ops().allocate(0, 8), nullptr);
    EXPECT_EQ(lastStatus(), SYM_KERNEL_FAULT);
    unsigned word = 0;
    EXPECT_EQ(ops().upload(0, w.data, &word, 4), SYM_KERNEL_FAULT);
    EXPECT_EQ(ops().download(0, &word, w.data, 4), SYM_KERNEL_FAULT);
    EXPECT_EQ(callOn(program, keys, [](Variant &) { return 0; }),
              SYM_KERNEL_FAULT);
  }
  ops().releaseProgram(program);
  EXPECT_OK(sym_device_shutdown());
  ASSERT_OK(ops().open(0));
  program = retain();
  Words w(Values(32, 1));
  ASSERT_OK(callOn(program, keys, [&](Variant &v) {
    v.increment(w.data, 32);
    return 0;
  }));
  EXPECT_THAT(w.values(), Each(2u));
  ops().releaseProgram(program);
}

TEST_F(DeviceQueueTest, T5_ThreadsSubmitAtOnce) {
  DeviceProgram *program = retain();
  Words w(Values(64, 0));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      Values mine(64);
      Words own(Values(64, unsigned(t)));
      for (int i = 0; i < 25; ++i) {
        EXPECT_OK(callOn(
            program, keys + t % 2,
            [&](Variant &v) {
              void *a = sym_rt_device_alloc(v.frame, 256);
              sym_rt_copy_on_device(v.frame, a, own.data, 256);
              v.increment(a, 64);
              sym_rt_copy_on_device(v.frame, own.data, a, 256);
              v.increment(w.data, 64);
              return 0;
            },
            [&](DeviceCall *call) {
              ops().addDownload(call, mine.data(), own.data, 256);
            }));
        EXPECT_THAT(mine, Each(unsigned(t + i + 1)));
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_THAT(w.values(), Each(100u));
  ops().releaseProgram(program);
}
