//===- Perturb.cpp - Yields and sleeps between any two steps --------------===//

#include "Perturb.h"

#include <sched.h>
#include <time.h>

using namespace symtest::lin;

namespace {
struct Dice {
  uint64_t state = 0; ///< 0: leave the thread alone
  uint32_t yieldOneIn = 0, sleepOneIn = 0;

  uint32_t roll() {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return uint32_t(state >> 32);
  }
};
thread_local Dice dice;
} // namespace

void symtest::lin::setIntensity(Intensity intensity, uint64_t seed) {
  switch (intensity) {
  case Intensity::None:
    dice.state = 0;
    return;
  case Intensity::Low:
    dice.yieldOneIn = 256;
    dice.sleepOneIn = 16384;
    break;
  case Intensity::High:
    dice.yieldOneIn = 24;
    dice.sleepOneIn = 1024;
    break;
  }
  dice.state = seed * 2 + 1;
}

void symtest::lin::perturb() {
  Dice &mine = dice;
  if (!mine.state)
    return;
  uint32_t rolled = mine.roll();
  if (rolled % mine.sleepOneIn == 0) {
    timespec time = {0, long(rolled >> 16) % 40000};
    nanosleep(&time, nullptr);
  } else if (rolled % mine.yieldOneIn == 1) {
    sched_yield();
  }
}

// What the compiler calls.
extern "C" {
void __sanitizer_cov_trace_pc_guard(uint32_t *) { perturb(); }
void __sanitizer_cov_trace_pc_guard_init(uint32_t *, uint32_t *) {}
}
