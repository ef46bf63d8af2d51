//===- SizeClass.h - The sizes of small blocks ------------------*- C++ -*-===//
//
// Multiples of 64 up to 512, then four steps per power of two up to 8 KB: at
// most a fifth of a block above 512 bytes is padding. Pure functions.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_MEMORY_SIZECLASS_H
#define SYM_LIB_RUNTIME_MEMORY_SIZECLASS_H

#include <stdint.h>

namespace sym::rt {

constexpr int kNumClasses = 24;
constexpr int64_t kMaxSmall = 8192;

/// For 0 <= bytes <= kMaxSmall.
inline int classOf(int64_t bytes) {
  if (bytes <= 512)
    return bytes <= 64 ? 0 : int((bytes - 1) >> 6);
  uint64_t last = uint64_t(bytes) - 1;
  int log = 63 - __builtin_clzll(last); // 9 … 12
  return 8 + (log - 9) * 4 + int((last >> (log - 2)) & 3);
}

constexpr int64_t classSize(int index) {
  if (index < 8)
    return (index + 1) * 64;
  int log = 9 + (index - 8) / 4;
  return (int64_t(1) << log) +
         ((index - 8) % 4 + 1) * (int64_t(1) << (log - 2));
}

static_assert(classSize(7) == 512 && classSize(8) == 640 &&
                  classSize(kNumClasses - 1) == kMaxSmall,
              "classes end where the large blocks begin");

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_MEMORY_SIZECLASS_H
