//===- Checked.h - Size arithmetic that notices overflow --------*- C++ -*-===//
//
// Sizes are int64. A product that leaves the range is SYM_OVERFLOW, never a
// small allocation. Pure functions; any thread.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_BASE_CHECKED_H
#define SYM_LIB_RUNTIME_BASE_CHECKED_H

#include <stdint.h>

namespace sym::rt {

/// Sets *out and returns true unless the result leaves int64.
inline bool checkedMul(int64_t a, int64_t b, int64_t *out) {
  return !__builtin_mul_overflow(a, b, out);
}
inline bool checkedAdd(int64_t a, int64_t b, int64_t *out) {
  return !__builtin_add_overflow(a, b, out);
}

/// The bytes of a dense array; false if a size is negative or the product
/// overflows. An extent of zero makes the whole product zero, wherever it
/// stands, so [2^62, 2^62, 0] is a valid empty shape.
inline bool checkedBytes(int64_t elementSize, const int64_t *sizes, int rank,
                         int64_t *out) {
  bool empty = false;
  for (int i = 0; i < rank; ++i) {
    if (sizes[i] < 0)
      return false;
    empty |= sizes[i] == 0;
  }
  if (empty) {
    *out = 0;
    return true;
  }
  int64_t bytes = elementSize;
  for (int i = 0; i < rank; ++i)
    if (!checkedMul(bytes, sizes[i], &bytes))
      return false;
  *out = bytes;
  return true;
}

/// Rounds up to a multiple of `unit`, a power of two. The caller has checked
/// that there is room.
constexpr int64_t roundUp(int64_t value, int64_t unit) {
  return (value + unit - 1) & ~(unit - 1);
}

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_BASE_CHECKED_H
