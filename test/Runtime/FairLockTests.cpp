//===- FairLockTests.cpp - Nobody starves, readers share (T6) -------------===//

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

//===----------------------------------------------------------------------===//
// Readers in slots: after some reads in a row
//===----------------------------------------------------------------------===//

namespace {
void readOften(FairLock &lock) {
  for (int i = 0; i < 100; ++i) {
    lock.lockShared();
    lock.unlockShared();
  }
}
} // namespace

TEST(FairLockTest, T6_AWriterWaitsForReadersInSlots) {
  FairLock lock;
  readOften(lock);
  std::atomic<int> order{0};
  int writer = 0, later = 0;
  lock.lockShared();
  std::thread reader([&] { // with another one: at once
    lock.lockShared();
    lock.unlockShared();
  });
  reader.join();
  std::thread first([&] {
    lock.lockExclusive();
    writer = ++order;
    lock.unlockExclusive();
  });
  auto settle = [] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
  };
  settle();
  std::thread second([&] {
    lock.lockShared();
    later = ++order;
    lock.unlockShared();
  });
  settle();
  EXPECT_EQ(order.load(), 0);
  lock.unlockShared(); // wakes the writer, which sleeps by now
  first.join();
  second.join();
  EXPECT_EQ(writer, 1);
  EXPECT_EQ(later, 2);
}

TEST(FairLockTest, T6_ReadersBeyondTheirSlotsAreCounted) {
  constexpr int kMany = 12;
  static FairLock locks[kMany];
  for (FairLock &lock : locks)
    readOften(lock);
  for (FairLock &lock : locks)
    lock.lockShared();
  std::atomic<int> written{0};
  std::vector<std::thread> writers;
  for (FairLock &lock : locks)
    writers.emplace_back([&] {
      lock.lockExclusive();
      ++written;
      lock.unlockExclusive();
    });
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  EXPECT_EQ(written.load(), 0);
  for (int i = kMany - 1; i >= 0; --i)
    locks[i].unlockShared();
  for (std::thread &writer : writers)
    writer.join();
  EXPECT_EQ(written.load(), kMany);
}

TEST(FairLockTest, T6_RareWritersExcludeReadersInSlots) {
  FairLock lock;
  int64_t a = 0, b = 0;
  std::atomic<int> writers{0};
  inThreads(kThreads, [&](int t) {
    for (int i = 0; i < kRounds * 4; ++i)
      if ((i + t * 97) % 200 == 0) {
        lock.lockExclusive();
        ++a;
        if (i % 400 == 0)
          std::this_thread::yield();
        ++b;
        ++writers;
        lock.unlockExclusive();
      } else {
        lock.lockShared();
        EXPECT_EQ(a, b);
        lock.unlockShared();
      }
  });
  EXPECT_EQ(a, writers.load());
}

TEST(FairLockTest, T6_OvertakingIsBounded) {
  // Threads that never sleep overtake one that waits, but not for ever: its
  // slowest turn is a matter of milliseconds, not of when they end.
  FairLock lock;
  std::atomic<bool> stop{false};
  std::vector<std::thread> writers;
  for (int t = 0; t < kThreads; ++t)
    writers.emplace_back([&] {
      while (!stop.load(std::memory_order_relaxed)) {
        lock.lockExclusive();
        lock.unlockExclusive();
      }
    });
  for (int i = 0; i < 300; ++i) { // ends only if every turn comes
    lock.lockExclusive();
    lock.unlockExclusive();
    lock.lockShared();
    lock.unlockShared();
  }
  stop.store(true);
  for (std::thread &writer : writers)
    writer.join();
}
