//===- MemoryTests.cpp - Bookkeeping and pool -----------------------------===//

#include "memory/Extents.h"
#include "memory/Pool.h"
#include "memory/Provider.h"
#include "memory/SizeClass.h"
#include "memory/ThreadState.h"
#include "sym/Runtime/debug.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <random>
#include <string.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace sym::rt;

//===----------------------------------------------------------------------===//
// Bookkeeping without memory
//===----------------------------------------------------------------------===//

TEST(Extents, NeighboursOfOneStateJoin) {
  Extents extents(allocateMetadata);
  ASSERT_TRUE(extents.addRange(1000, 100));
  uint64_t a, b, c;
  ASSERT_TRUE(extents.take(10, false, &a));
  ASSERT_TRUE(extents.take(20, false, &b));
  ASSERT_TRUE(extents.take(70, false, &c));
  EXPECT_FALSE(extents.take(1, false, &a));
  extents.give(a, 10, true);
  extents.give(c, 70, true);
  uint64_t whole;
  EXPECT_FALSE(extents.take(80, true, &whole)) << "they are not adjacent";
  extents.give(b, 20, true);
  ASSERT_TRUE(extents.take(100, true, &whole));
  EXPECT_EQ(whole, 1000u);
  EXPECT_TRUE(extents.contains(1099));
  EXPECT_FALSE(extents.contains(1100));
}

TEST(Extents, CleanAndDirtyStayApart) {
  Extents extents(allocateMetadata);
  ASSERT_TRUE(extents.addRange(0x1000, 8));
  uint64_t first, count, other;
  ASSERT_TRUE(extents.take(4, false, &first));
  extents.give(first, 4, true);
  EXPECT_EQ(extents.freeUnits(true), 4u);
  EXPECT_FALSE(extents.take(8, true, &other));
  EXPECT_FALSE(extents.take(8, false, &other));
  ASSERT_TRUE(extents.takeLargestDirty(&first, &count));
  EXPECT_EQ(count, 4u);
  extents.give(first, count, false);
  EXPECT_TRUE(extents.take(8, false, &other)) << "joined again when clean";
}

TEST(Extents, NoMetadataChangesNothing) {
  Extents extents([](size_t) -> void * { return nullptr; });
  EXPECT_FALSE(extents.addRange(0, 10));
  uint64_t first;
  EXPECT_FALSE(extents.take(1, false, &first));
}

TEST(Extents, RandomTracesNeverOverlap) {
  Extents extents(allocateMetadata);
  ASSERT_TRUE(extents.addRange(100, 5000));
  std::mt19937 random(3);
  std::map<uint64_t, uint64_t> taken;
  uint64_t inUse = 0;
  for (int step = 0; step < 30000; ++step) {
    if (random() % 2 && !taken.empty()) {
      auto it = taken.lower_bound(100 + random() % 5000);
      if (it == taken.end())
        it = taken.begin();
      extents.give(it->first, it->second, random() % 2);
      inUse -= it->second;
      taken.erase(it);
      continue;
    }
    uint64_t count = 1 + random() % (random() % 4 ? 16 : 300), first;
    if (!extents.take(count, random() % 2, &first))
      continue;
    auto next = taken.lower_bound(first);
    ASSERT_TRUE(next == taken.end() || first + count <= next->first);
    if (next != taken.begin()) {
      --next;
      ASSERT_LE(next->first + next->second, first);
    }
    ASSERT_GE(first, 100u);
    ASSERT_LE(first + count, 5100u);
    taken[first] = count;
    inUse += count;
    ASSERT_EQ(extents.freeUnits(false) + extents.freeUnits(true) + inUse,
              5000u);
  }
}

TEST(SizeClasses, EverySizeHasTheSmallestClassThatFits) {
  for (int64_t bytes = 0; bytes <= kMaxSmall; ++bytes) {
    int index = classOf(bytes);
    ASSERT_LE(bytes, classSize(index));
    ASSERT_TRUE(index == 0 || classSize(index - 1) < bytes) << bytes;
    ASSERT_EQ(classSize(index) % SYM_BUFFER_ALIGNMENT, 0);
  }
}

//===----------------------------------------------------------------------===//
// The pool
//===----------------------------------------------------------------------===//

namespace {
class Pool : public testing::Test {
protected:
  void SetUp() override {
    sym_trim();
    sym_reset_statistics();
    before = sym_get_statistics();
  }
  void TearDown() override {
    sym_set_memory_cap(0);
    EXPECT_EQ(sym_get_statistics().bytes_in_use, before.bytes_in_use);
  }
  sym_statistics before;
};
} // namespace

TEST_F(Pool, BlocksAreAlignedAndDistinct) {
  std::vector<std::pair<char *, int64_t>> blocks;
  for (int64_t bytes : {0, 1, 64, 65, 512, 513, 8192, 8193, 100000, 5000000})
    for (int i = 0; i < 3; ++i) {
      char *p = static_cast<char *>(allocate(bytes));
      ASSERT_NE(p, nullptr);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(p) % SYM_BUFFER_ALIGNMENT, 0u);
      EXPECT_TRUE(isPoolMemory(p));
      memset(p, int(blocks.size()), size_t(bytes));
      blocks.push_back({p, bytes});
    }
  for (size_t i = 0; i < blocks.size(); ++i) {
    for (int64_t k = 0; k < blocks[i].second; ++k)
      ASSERT_EQ(blocks[i].first[k], char(i));
    deallocate(blocks[i].first, blocks[i].second);
  }
  int local = 0;
  EXPECT_FALSE(isPoolMemory(&local));
}

TEST_F(Pool, C2_SteadyStateReservesNothingMore) {
  auto round = [] {
    std::vector<std::pair<void *, int64_t>> blocks;
    for (int64_t bytes = 8; bytes < 20 << 20; bytes = bytes * 3 + 1)
      blocks.push_back({allocate(bytes), bytes});
    for (auto &block : blocks)
      deallocate(block.first, block.second);
  };
  for (int i = 0; i < 3; ++i)
    round();
  sym_statistics warm = sym_get_statistics();
  for (int i = 0; i < 100; ++i)
    round();
  sym_statistics after = sym_get_statistics();
  EXPECT_EQ(after.bytes_reserved, warm.bytes_reserved);
  EXPECT_EQ(after.system_allocations, warm.system_allocations);
  EXPECT_EQ(after.reuse_misses, warm.reuse_misses);
  EXPECT_GT(after.reuse_hits, warm.reuse_hits);
}

TEST_F(Pool, C3_CapIsAnErrorWithSizes) {
  sym_set_memory_cap(sym_get_statistics().bytes_reserved + (8 << 20));
  void *p = allocate(6 << 20);
  ASSERT_NE(p, nullptr);
  EXPECT_EQ(allocate(6 << 20), nullptr);
  EXPECT_EQ(lastStatus(), SYM_OUT_OF_MEMORY);
  EXPECT_NE(strstr(sym_error_message(), "6291456 bytes requested"), nullptr)
      << sym_error_message();
  EXPECT_NE(strstr(sym_error_message(), "the cap is"), nullptr);
  deallocate(p, 6 << 20);
  // Idle memory of other sizes goes back for what the cap would refuse.
  p = allocate(7 << 20);
  EXPECT_NE(p, nullptr);
  deallocate(p, 7 << 20);
}

TEST_F(Pool, C3_SmallBlocksMeetTheCapToo) {
  sym_trim();
  sym_set_memory_cap(sym_get_statistics().bytes_reserved + (256 << 10));
  std::vector<void *> blocks;
  while (void *p = allocate(4000))
    blocks.push_back(p);
  EXPECT_GT(blocks.size(), 40u);
  EXPECT_LT(blocks.size(), 80u);
  for (void *p : blocks)
    deallocate(p, 4000);
}

TEST_F(Pool, C3_HighWaterStaysWithinTwiceTheLiveSet) {
  // Sizes that creep up, so that what came back never fits; then a random
  // trace around a live set of about 64 MB.
  sym_trim();
  int64_t base = sym_get_statistics().bytes_reserved;
  int64_t largest = 0, worst = 0;
  for (int64_t bytes = 1 << 20; bytes < 40 << 20; bytes += bytes / 9 + 4096) {
    void *p = allocate(bytes);
    worst = std::max(worst, sym_get_statistics().bytes_reserved - base);
    largest = std::max(largest, bytes);
    deallocate(p, bytes);
  }
  EXPECT_LE(worst, 2 * largest + (2 << 20));

  sym_trim();
  sym_reset_statistics();
  base = sym_get_statistics().bytes_reserved;
  std::mt19937 random(5);
  std::vector<std::pair<void *, int64_t>> live;
  int64_t bytesLive = 0, mark = 0;
  worst = 0;
  for (int step = 0; step < 5000; ++step) {
    int64_t bytes = int64_t(1) << (12 + random() % 12);
    bytes += int64_t(random() % uint64_t(bytes));
    while (bytesLive + bytes > 64 << 20) {
      size_t i = random() % live.size();
      deallocate(live[i].first, live[i].second);
      bytesLive -= live[i].second;
      live[i] = live.back();
      live.pop_back();
    }
    live.push_back({allocate(bytes), bytes});
    bytesLive += bytes;
    mark = std::max(mark, bytesLive);
    worst = std::max(worst, sym_get_statistics().bytes_reserved - base);
  }
  for (auto &block : live)
    deallocate(block.first, block.second);
  EXPECT_LE(worst, 2 * mark + (2 << 20));
  RecordProperty("reserved_percent_of_live", int(100 * worst / mark));
}

TEST_F(Pool, C3_TrimReturnsIdlePages) {
  void *p = allocate(32 << 20);
  memset(p, 1, 32 << 20);
  deallocate(p, 32 << 20);
  int64_t held = sym_get_statistics().bytes_reserved;
  EXPECT_GE(sym_trim(), 32 << 20);
  EXPECT_LE(sym_get_statistics().bytes_reserved, held - (32 << 20));
  p = allocate(32 << 20);
  EXPECT_EQ(static_cast<char *>(p)[12345], 0) << "the pages came back new";
  deallocate(p, 32 << 20);
}

TEST_F(Pool, ArenasAreKeptPerThread) {
  int64_t capacity, other;
  void *a = acquireArena(100000, &capacity);
  ASSERT_NE(a, nullptr);
  EXPECT_GE(capacity, 100000);
  void *b = acquireArena(50000, &other); // the thread's own is taken
  EXPECT_NE(a, b);
  releaseArena(b, other);
  releaseArena(a, capacity);
  int64_t again;
  void *c = acquireArena(40000, &again);
  EXPECT_TRUE(c == b || c == a);
  releaseArena(c, again);
  EXPECT_EQ(sym_get_statistics().bytes_in_use, before.bytes_in_use)
      << "an idle arena is not in use";
  EXPECT_EQ(acquireArena(-1, &capacity), nullptr);
  EXPECT_EQ(acquireArena(INT64_MAX, &capacity), nullptr);
}

TEST_F(Pool, ImpossibleRequestsAreRefused) {
  EXPECT_EQ(allocate(-1), nullptr);
  EXPECT_EQ(allocate(INT64_MAX), nullptr);
  EXPECT_EQ(allocate(int64_t(1) << 46), nullptr);
  EXPECT_EQ(lastStatus(), SYM_OUT_OF_MEMORY);
}

TEST_F(Pool, ThreadsHandBlocksToEachOther) {
  // Allocated on one thread, freed on another: caches must drain and refill.
  constexpr int kBlocks = 2000;
  std::vector<void *> blocks(kBlocks);
  for (int round = 0; round < 5; ++round) {
    std::thread([&] {
      for (void *&p : blocks)
        p = allocate(200);
    }).join();
    std::thread([&] {
      for (void *p : blocks)
        deallocate(p, 200);
    }).join();
  }
  EXPECT_EQ(sym_get_statistics().bytes_in_use, before.bytes_in_use);
  EXPECT_LT(sym_get_statistics().reuse_misses, 20);
}

TEST_F(Pool, ManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t)
    threads.emplace_back([t] {
      std::mt19937 random(t);
      std::vector<std::pair<unsigned char *, int64_t>> live;
      for (int i = 0; i < 4000; ++i) {
        int64_t bytes = int64_t(random() % (i % 16 ? 3000 : 200000));
        auto *p = static_cast<unsigned char *>(allocate(bytes));
        if (bytes)
          p[0] = p[bytes - 1] = static_cast<unsigned char>(t);
        live.push_back({p, bytes});
        if (live.size() > 50) {
          size_t k = random() % live.size();
          if (live[k].second)
            ASSERT_EQ(live[k].first[live[k].second - 1], t);
          deallocate(live[k].first, live[k].second);
          live[k] = live.back();
          live.pop_back();
        }
        if (i % 1000 == 0)
          sym_trim();
      }
      for (auto &block : live)
        deallocate(block.first, block.second);
    });
  for (std::thread &thread : threads)
    thread.join();
}

//===----------------------------------------------------------------------===//
// Hooks
//===----------------------------------------------------------------------===//

TEST_F(Pool, FaultOnPurposeHitsTheKthAllocation) {
  sym_debug_fail_allocation(3);
  void *a = allocate(10), *b = allocate(10), *c = allocate(10),
       *d = allocate(10);
  EXPECT_TRUE(a && b && d);
  EXPECT_EQ(c, nullptr);
  EXPECT_EQ(sym_debug_fail_allocation(0), 0);
  sym_debug_fail_allocation(5);
  deallocate(a, 10);
  a = allocate(10);
  EXPECT_EQ(sym_debug_fail_allocation(0), 4) << "that many were left";
  deallocate(a, 10);
  deallocate(b, 10);
  deallocate(d, 10);
}

TEST_F(Pool, DebuggingGuardsAndPoisons) {
  void *held = allocate(10);
  EXPECT_EQ(sym_debug_memory(1), SYM_INVALID_ARGUMENT)
      << "a block without guards is in use";
  deallocate(held, 10);
  if (sym_get_statistics().bytes_in_use)
    GTEST_SKIP() << "another test holds memory";
  ASSERT_EQ(sym_debug_memory(1), SYM_OK);
  auto *p = static_cast<unsigned char *>(allocate(100));
  EXPECT_EQ(p[0], 0xa5);
  EXPECT_EQ(p[99], 0xa5);
  EXPECT_EQ(sym_debug_live_blocks(0), 1);
  // A leak is reported with who asked for it.
  testing::internal::CaptureStderr();
  EXPECT_EQ(sym_debug_live_blocks(1), 1);
  std::string report = testing::internal::GetCapturedStderr();
  EXPECT_NE(report.find("bytes at"), std::string::npos) << report;
  EXPECT_NE(report.find("RuntimeMemoryTests"), std::string::npos) << report;
  EXPECT_DEATH(
      {
        p[100] = 1;
        deallocate(p, 100);
      },
      "write behind the end of the block of 100 bytes");
  EXPECT_DEATH(deallocate(p, 99), "wrong size at the free");
  EXPECT_DEATH(
      {
        deallocate(p, 100);
        deallocate(p, 100);
      },
      "memory error|use-after-poison");
  deallocate(p, 100);
  int64_t capacity;
  void *arena = acquireArena(100, &capacity);
  EXPECT_EQ(capacity, 100) << "so that the guard stands at its end";
  releaseArena(arena, capacity);
  EXPECT_EQ(sym_debug_live_blocks(0), 0);
  ASSERT_EQ(sym_debug_memory(0), SYM_OK);
}

TEST_F(Pool, WatchersSeeEveryBlock) {
  std::map<const void *, int64_t> live;
  sym_debug_watch_blocks(
      [](void *context, const void *data, int64_t bytes, int32_t freed) {
        auto &blocks = *static_cast<std::map<const void *, int64_t> *>(context);
        if (!freed) {
          EXPECT_TRUE(blocks.emplace(data, bytes).second);
          return;
        }
        EXPECT_EQ(blocks[data], bytes);
        blocks.erase(data);
      },
      &live);
  void *a = allocate(10), *b = allocate(100000), *c = allocate(10);
  deallocate(a, 10);
  EXPECT_EQ(live.size(), 2u);
  deallocate(b, 100000);
  deallocate(c, 10);
  EXPECT_TRUE(live.empty());
  sym_debug_watch_blocks(nullptr, nullptr);
  deallocate(allocate(10), 10);
  EXPECT_TRUE(live.empty());
}

namespace {
/// Memory is debugged with pages from here to the end of the test.
class GuardPages : public Pool {
protected:
  void SetUp() override {
    if (sym_get_statistics().bytes_in_use)
      GTEST_SKIP() << "another test holds memory";
    ASSERT_EQ(sym_debug_memory(SYM_DEBUG_PAGES), SYM_OK);
  }
  void TearDown() override {
    if (IsSkipped())
      return;
    EXPECT_EQ(sym_debug_live_blocks(0), 0);
    EXPECT_EQ(sym_debug_memory(SYM_DEBUG_OFF), SYM_OK);
  }
  static unsigned char *take(int64_t bytes) {
    return static_cast<unsigned char *>(allocate(bytes));
  }
};

volatile unsigned char seen;
} // namespace

TEST_F(GuardPages, BlocksOfEverySizeEndAtTheirGuard) {
  for (int64_t bytes : {0, 1, 63, 64, 65, 4095, 4096, 4097, 100000, 5 << 20}) {
    unsigned char *p = take(bytes);
    ASSERT_NE(p, nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(p) % 64, 0u);
    EXPECT_TRUE(isPoolMemory(p - 1)) << "B4: it is the pool's";
    if (bytes) {
      EXPECT_EQ(p[0], 0xa5);
      EXPECT_EQ(p[bytes - 1], 0xa5);
    }
    EXPECT_DEATH(p[(bytes + 63) / 64 * 64] = 1, "behind the end of the block");
    EXPECT_DEATH(seen = p[(bytes + 63) / 64 * 64], "behind the end");
    deallocate(p, bytes);
  }
}

TEST_F(GuardPages, SlackAndFrontArePatterns) {
  unsigned char *p = take(100);
  EXPECT_DEATH(
      {
        p[100] = 1;
        deallocate(p, 100);
      },
      "write behind the end of the block of 100 bytes");
  EXPECT_DEATH(
      {
        p[-1] = 1;
        deallocate(p, 100);
      },
      "write in front of the block of 100 bytes");
  EXPECT_DEATH(deallocate(p, 99), "wrong size at the free");
  deallocate(p, 100);
}

TEST_F(GuardPages, FreedBlocksCannotBeTouched) {
  unsigned char *p = take(64), *big = take(1 << 20);
  deallocate(p, 64);
  deallocate(big, 1 << 20);
  EXPECT_DEATH(seen = p[0], "to the freed block of 64 bytes");
  EXPECT_DEATH(big[12345] = 1, "to the freed block of 1048576 bytes");
  EXPECT_DEATH(deallocate(p, 64), "double free of the block of 64 bytes");
  // The quarantine is bounded, and what leaves it is used again.
  int64_t reserved = 0;
  for (int i = 0; i < 5000; ++i) {
    unsigned char *q = take(10000);
    ASSERT_NE(q, nullptr);
    q[9999] = 1;
    deallocate(q, 10000);
    if (i == 1000)
      reserved = sym_get_statistics().bytes_reserved;
  }
  EXPECT_LE(sym_get_statistics().bytes_reserved, reserved);
}

TEST_F(GuardPages, TheCapHoldsAndTheQuarantineGivesWay) {
  sym_trim();
  sym_set_memory_cap(64 << 20);
  for (int i = 0; i < 20; ++i) {
    unsigned char *p = take(40 << 20);
    ASSERT_NE(p, nullptr) << i;
    deallocate(p, 40 << 20);
  }
  EXPECT_EQ(take(70 << 20), nullptr);
  EXPECT_EQ(take(-1), nullptr);
  EXPECT_EQ(take(INT64_MAX), nullptr);
  sym_set_memory_cap(0);
}

TEST_F(GuardPages, ManyThreads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([t] {
      for (int i = 0; i < 500; ++i) {
        int64_t bytes = (i * 37 + t * 1001) % 20000;
        unsigned char *p = take(bytes);
        if (bytes)
          p[bytes - 1] = 1;
        deallocate(p, bytes);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
}

TEST_F(Pool, LargeBlocksAskForHugePages) {
  if (access("/sys/kernel/mm/transparent_hugepage", F_OK) != 0)
    GTEST_SKIP() << "the kernel has no huge pages";
  // Flags of the mapping that holds an address, as the kernel tells them.
  auto asks = [](void *data) {
    std::ifstream maps("/proc/self/smaps");
    bool inside = false;
    for (std::string line; std::getline(maps, line);) {
      unsigned long begin, end;
      if (sscanf(line.c_str(), "%lx-%lx ", &begin, &end) == 2)
        inside = begin <= uintptr_t(data) && uintptr_t(data) < end;
      else if (inside && line.rfind("VmFlags:", 0) == 0)
        return line.find(" hg") != std::string::npos;
    }
    return false;
  };
  for (int64_t bytes : {int64_t(2) << 20, (int64_t(2) << 20) + 64}) {
    void *data = allocate(bytes);
    ASSERT_NE(data, nullptr);
    EXPECT_EQ(asks(data), bytes > int64_t(2) << 20) << bytes;
    deallocate(data, bytes);
  }
}
