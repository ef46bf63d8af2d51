//===- Vector.h - A growing array in the pool -------------------*- C++ -*-===//
//
// For the runtime's own lists, where the library's vector would bring
// exceptions and the system's allocator. Elements are plain data.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_MEMORY_VECTOR_H
#define SYM_LIB_RUNTIME_MEMORY_VECTOR_H

#include "Pool.h"

#include <string.h>
#include <type_traits>

namespace sym::rt {

template <typename T> class Vector {
  static_assert(std::is_trivially_copyable<T>::value, "plain data only");

public:
  Vector() = default;
  ~Vector() { deallocate(items, capacity * int64_t(sizeof(T))); }
  Vector(const Vector &) = delete;
  Vector &operator=(const Vector &) = delete;

  /// Makes room for `count` more, which keeps pointers valid until then. False,
  /// with the fault recorded and nothing changed, without memory.
  bool reserve(int64_t count) {
    if (length + count <= capacity)
      return true;
    int64_t wanted = length + count;
    if (wanted < 2 * capacity)
      wanted = 2 * capacity;
    if (wanted < 16)
      wanted = 16;
    T *larger = static_cast<T *>(allocate(wanted * int64_t(sizeof(T))));
    if (!larger)
      return false;
    if (length)
      memcpy(larger, items, size_t(length) * sizeof(T));
    deallocate(items, capacity * int64_t(sizeof(T)));
    items = larger;
    capacity = wanted;
    return true;
  }
  /// False as above.
  bool append(const T *more, int64_t count) {
    if (!reserve(count))
      return false;
    if (count)
      memcpy(items + length, more, size_t(count) * sizeof(T));
    length += count;
    return true;
  }
  bool push(const T &item) { return append(&item, 1); }

  /// Keeps the first `count`, which there must be, and the memory.
  void truncate(int64_t count) { length = count; }

  int64_t size() const { return length; }
  T *data() { return items; }
  const T *data() const { return items; }
  T &operator[](int64_t i) { return items[i]; }
  const T &operator[](int64_t i) const { return items[i]; }
  T *begin() { return items; }
  T *end() { return items + length; }

private:
  T *items = nullptr;
  int64_t length = 0;
  int64_t capacity = 0;
};

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_MEMORY_VECTOR_H
