//===- Buffer.h - Reference-counted memory of values ------------*- C++ -*-===//
//
// A buffer holds one value: its bytes, sizes and element type. It is also what
// the public interface calls an array, so a result or a pinned borrow costs no
// object of its own.
//
// References: the variable that a buffer is the current value of counts one,
// every pin one. Hence "unpinned" is "one reference" (invariant 4). A buffer
// returns to the pool when the last reference goes.
//
// Layout of a managed block:
//   [ sizes, if the rank exceeds 2 | header, 64 bytes | the value's bytes ]
// so that the header is found from the bytes (sym_rt_free) and a scalar takes
// one block. A lent buffer (S1) has a header only; its bytes are the user's.
// One on a device has a header only, too, and nobody here may look at its
// bytes: copies go through Place.h.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_STORE_BUFFER_H
#define SYM_LIB_RUNTIME_STORE_BUFFER_H

#include "../base/Checked.h"
#include "../base/Elements.h"
#include "../base/Mutex.h"
#include "../memory/Pool.h"

#include <string.h>

struct sym_array {
  enum : uint8_t { kLent = 1, kDevice = 2 };

  void *data;
  int64_t *sizes; ///< `rank` entries, in this block
  std::atomic<uint32_t> references;
  uint8_t element;
  uint8_t rank;
  uint8_t flags;
  uint8_t ordinal; ///< which device
  int64_t bytes;   ///< of the value
  union {
    /// While a frame owns it: the frame's list of temporaries.
    struct {
      sym_array *next, *previous;
    } frame;
    /// For a lent one: what to tell its owner.
    struct {
      void (*release)(void *context);
      void *context;
    } lender;
  };
  int64_t inlineSizes[2];

  bool lent() const { return flags & kLent; }
  /// `data` is an address of a device.
  bool onDevice() const { return flags & kDevice; }
  /// Whether the one reference is its variable's. Acquire: what the last pin
  /// read happened before what a writer will do.
  bool unpinned() const {
    return references.load(std::memory_order_acquire) == 1;
  }
  void retain() { references.fetch_add(1, std::memory_order_relaxed); }
};

namespace sym::rt {

using Buffer = ::sym_array;
static_assert(sizeof(Buffer) == SYM_BUFFER_ALIGNMENT,
              "the bytes behind the header are aligned");

constexpr int kMaxRank = 64;

/// A buffer for a value of this type and shape, with one reference, contents
/// undefined. Null on failure, which is recorded: a negative size, a size
/// beyond int64, no memory. Any thread.
Buffer *createBuffer(int32_t element, int32_t rank, const int64_t *sizes);

/// The same for a plain block of bytes.
Buffer *createBlock(int64_t bytes);

/// A buffer over the user's memory. Null on failure, and then nothing is lent.
Buffer *createLentBuffer(const sym_tensor &value, void (*release)(void *),
                         void *context);

/// A buffer of the same kind on a device that is open.
Buffer *createDeviceBuffer(int32_t ordinal, int32_t element, int32_t rank,
                           const int64_t *sizes);

/// The buffer that a pointer from createBuffer or createBlock belongs to.
inline Buffer *bufferOfData(void *data) {
  return static_cast<Buffer *>(data) - 1;
}

void destroyBuffer(Buffer *buffer);

/// Drops one reference. May run a lender's callback: no lock of the runtime
/// may be held (T6). Null is ignored. Any thread.
inline void releaseBuffer(Buffer *buffer) {
  // A sole owner needs no locked instruction: nobody else can take one.
  if (buffer &&
      (buffer->references.load(std::memory_order_acquire) == 1 ||
       buffer->references.fetch_sub(1, std::memory_order_acq_rel) == 1))
    destroyBuffer(buffer);
}

/// A few entries: the vector code that a compiler makes of the loop costs more.
inline void copySizes(int64_t *to, const int64_t *from, int32_t rank) {
#if defined(__clang__)
#pragma clang loop vectorize(disable) unroll(disable)
#endif
  for (int32_t i = 0; i < rank; ++i)
    to[i] = from[i];
}

inline bool overlaps(const void *a, int64_t aBytes, const void *b,
                     int64_t bBytes) {
  uintptr_t x = reinterpret_cast<uintptr_t>(a);
  uintptr_t y = reinterpret_cast<uintptr_t>(b);
  return aBytes > 0 && bBytes > 0 && x < y + uint64_t(bBytes) &&
         y < x + uint64_t(aBytes);
}

/// Whether [data, data+bytes) overlaps memory that a user has lent. Usually
/// nothing is.
extern std::atomic<int64_t> numLentBuffers;
bool searchLent(const void *data, int64_t bytes);
inline bool overlapsLent(const void *data, int64_t bytes) {
  return SYM_UNLIKELY(numLentBuffers.load(std::memory_order_acquire) != 0) &&
         searchLent(data, bytes);
}

//===----------------------------------------------------------------------===//
// The user's arrays
//===----------------------------------------------------------------------===//

/// Bytes of the value; false on a negative size or overflow.
inline bool tensorBytes(const sym_tensor &value, int64_t *bytes) {
  return checkedBytes(int64_t(sym_element_size(value.element)), value.sizes,
                      value.rank, bytes);
}

/// Whether the elements lie row-major without gaps.
bool isDense(const sym_tensor &value);

/// Copies a possibly strided array of the host to dense memory.
void copyDense(void *destination, const sym_tensor &value);

/// A buffer with a copy of `value`, which is on the host and whose element type
/// has whole bytes.
Buffer *copyTensor(const sym_tensor &value);

/// A copy of a buffer, where that is.
Buffer *copyBuffer(const Buffer *buffer);

/// The same of a buffer of the host that others may be writing: every element
/// of at most eight bytes is one that somebody wrote (T7).
Buffer *copyMoving(const Buffer *buffer);
void copyMoving(void *to, const Buffer *buffer);

/// Checks that a value is well-formed, and that element type, rank and static
/// sizes fit `type`; the fault names `what`, what was expected and found.
sym_status checkTensor(const sym_tensor &value, const sym_type_desc &type,
                       const char *what);

/// "f32[?x3]" into `out`; returns `out`.
constexpr int kTypeTextCapacity = 256;
char *typeText(int32_t element, int32_t rank, const int64_t *sizes, char *out);

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_STORE_BUFFER_H
