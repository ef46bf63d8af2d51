//===- Random.h - Orders from a seed ----------------------------*- C++ -*-===//

#ifndef SYM_LIB_RUNTIME_DEVICE_SIM_RANDOM_H
#define SYM_LIB_RUNTIME_DEVICE_SIM_RANDOM_H

#include <stdint.h>

#include <numeric>

namespace sym::sim {

/// SplitMix64.
class Random {
public:
  explicit Random(uint64_t seed = 0) : state(seed) {}
  uint64_t next() {
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// A number below `bound`, which must not be 0.
  uint64_t below(uint64_t bound) { return next() % bound; }

private:
  uint64_t state;
};

/// A permutation of [0, size) that takes no memory: i -> (a i + c) mod size.
class Permutation {
public:
  Permutation() = default;
  Permutation(uint64_t size, uint64_t seed) : size(size) {
    Random random(seed);
    do
      factor = 1 + random.below(size);
    while (std::gcd(factor, size) != 1);
    offset = random.below(size);
  }
  uint64_t operator[](uint64_t i) const {
    return uint64_t((__uint128_t(factor) * i + offset) % size);
  }

private:
  uint64_t size = 1;
  uint64_t factor = 1;
  uint64_t offset = 0;
};

} // namespace sym::sim

#endif // SYM_LIB_RUNTIME_DEVICE_SIM_RANDOM_H
