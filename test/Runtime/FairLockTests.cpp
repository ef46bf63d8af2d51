//===- FairLockTests.cpp - First come, first served (T6) ------------------===//

#include "store/FairLock.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

using sym::rt::FairLock;

namespace {
constexpr int kThreads = 4;
constexpr int kRounds = 4000;

template <typename Fn> void inThreads(int count, Fn fn) {
  std::vector<std::thread> threads;
  for (int t = 0; t < count; ++t)
    threads.emplace_back([&fn, t] { fn(t); });
  for (std::thread &thread : threads)
    thread.join();
}
} // namespace

TEST(FairLockTest, T6_WritersExcludeAndCountExactly) {
  FairLock lock;
  int64_t counter = 0;
  std::atomic<int> readers{0};
  inThreads(kThreads, [&](int t) {
    for (int i = 0; i < kRounds; ++i) {
      if ((i + t) % 4 == 0) {
        lock.lockShared();
        readers.fetch_add(1);
        int64_t seen = counter;
        EXPECT_EQ(seen, counter);
        readers.fetch_sub(1);
        lock.unlockShared();
      } else {
        lock.lockExclusive();
        EXPECT_EQ(readers.load(), 0);
        ++counter;
        lock.unlockExclusive();
      }
    }
  });
  EXPECT_EQ(counter, int64_t(kThreads) * kRounds * 3 / 4);
}

TEST(FairLockTest, T6_ReadersRunInParallel) {
  FairLock lock;
  lock.lockShared();
  std::thread([&] { // would hang if readers excluded each other
    lock.lockShared();
    lock.unlockShared();
  })
      .join();
  lock.unlockShared();
}

TEST(FairLockTest, T6_ServesInOrderOfArrival) {
  // A writer that waits is not overtaken by readers that come later.
  FairLock lock;
  std::atomic<int> arrived{0};
  std::vector<int> order;
  lock.lockExclusive();
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      arrived.fetch_add(1);
      if (t % 2) {
        lock.lockShared();
        lock.unlockShared();
        return;
      }
      lock.lockExclusive();
      order.push_back(t);
      lock.unlockExclusive();
    });
    while (arrived.load() <= t)
      std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(20)); // enqueue
  }
  lock.unlockExclusive();
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(order, (std::vector<int>{0, 2, 4}));
}

TEST(FairLockTest, T6_ReadersDoNotOvertakeAWriterThatWaits) {
  FairLock lock;
  std::atomic<int> next{0};
  int writer = 0, reader = 0;
  auto settle = [] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
  };
  lock.lockShared();
  std::thread first([&] {
    lock.lockExclusive();
    writer = ++next;
    lock.unlockExclusive();
  });
  settle();
  std::thread second([&] {
    lock.lockShared();
    reader = ++next;
    lock.unlockShared();
  });
  settle();
  EXPECT_EQ(next.load(), 0) << "a reader joined the one that holds the lock";
  lock.unlockShared();
  first.join();
  second.join();
  EXPECT_EQ(writer, 1);
  EXPECT_EQ(reader, 2);
}

TEST(FairLockTest, T6_NobodyStarves) {
  FairLock lock;
  std::atomic<bool> stop{false};
  std::thread readers[2];
  for (std::thread &reader : readers)
    reader = std::thread([&] {
      while (!stop.load()) {
        lock.lockShared();
        lock.unlockShared();
      }
    });
  for (int i = 0; i < 200; ++i) { // ends only if a writer gets its turn
    lock.lockExclusive();
    lock.unlockExclusive();
  }
  stop.store(true);
  for (std::thread &reader : readers)
    reader.join();
}
