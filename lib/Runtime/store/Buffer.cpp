//===- Buffer.cpp - Reference-counted memory of values --------------------===//

#include "Buffer.h"
#include "Fork.h"
#include "Place.h"

#include <new>
#include <stdio.h>

using namespace sym::rt;

SYM_CONSTINIT std::atomic<int64_t> sym::rt::numLentBuffers{0};

static_assert(kMaxRank <= UINT8_MAX, "the rank is kept in a byte");

namespace {
/// Bytes in front of the header for sizes that do not fit into it.
int64_t sizesBytes(int32_t rank) {
  return rank <= 2 ? 0 : roundUp(8 * int64_t(rank), SYM_BUFFER_ALIGNMENT);
}

/// A lent buffer is in this list, so that the memory can be recognised when
/// it comes back as an argument.
struct LentBuffer {
  Buffer header;
  LentBuffer *next, *previous;
};
SYM_CONSTINIT Mutex lentMutex;
LentBuffer *lentList = nullptr;

Buffer *makeHeader(void *block, int32_t element, int32_t rank,
                   const int64_t *sizes) {
  char *base = static_cast<char *>(block);
  Buffer *buffer = new (base + sizesBytes(rank)) Buffer;
  buffer->sizes =
      rank <= 2 ? buffer->inlineSizes : reinterpret_cast<int64_t *>(base);
  copySizes(buffer->sizes, sizes, rank);
  buffer->data = buffer + 1;
  buffer->references.store(1, std::memory_order_relaxed);
  buffer->element = uint8_t(element);
  buffer->rank = uint8_t(rank);
  buffer->flags = 0;
  buffer->ordinal = 0;
  buffer->frame = {nullptr, nullptr};
  return buffer;
}

SYM_NOINLINE Buffer *refuseSizes(int32_t element, int32_t rank,
                                 const int64_t *sizes) {
  char text[kTypeTextCapacity];
  typeText(element, rank, sizes, text);
  for (int i = 0; i < rank; ++i)
    if (sizes[i] < 0) {
      fail(SYM_SHAPE_MISMATCH, "a size is negative: %s", text);
      return nullptr;
    }
  fail(SYM_OVERFLOW, "the size in bytes of %s exceeds 63 bits", text);
  return nullptr;
}
} // namespace

Buffer *sym::rt::createBuffer(int32_t element, int32_t rank,
                              const int64_t *sizes) {
  int64_t bytes, whole;
  int64_t header = sizesBytes(rank) + int64_t(sizeof(Buffer));
  if (SYM_UNLIKELY(!checkedBytes(int64_t(sym_element_size(element)), sizes,
                                 rank, &bytes) ||
                   !checkedAdd(bytes, header, &whole)))
    return refuseSizes(element, rank, sizes);
  void *block = allocate(whole);
  if (SYM_UNLIKELY(!block))
    return nullptr;
  Buffer *buffer = makeHeader(block, element, rank, sizes);
  buffer->bytes = bytes;
  return buffer;
}

Buffer *sym::rt::createBlock(int64_t bytes) {
  return createBuffer(SYM_ELEMENT_U8, 1, &bytes);
}

Buffer *sym::rt::createDeviceBuffer(int32_t ordinal, int32_t element,
                                    int32_t rank, const int64_t *sizes) {
  int64_t bytes;
  if (!checkedBytes(int64_t(sym_element_size(element)), sizes, rank, &bytes))
    return refuseSizes(element, rank, sizes);
  int64_t header = sizesBytes(rank) + int64_t(sizeof(Buffer));
  void *block = allocate(header);
  void *data = block ? allocateOnDevice(ordinal, bytes) : nullptr;
  if (!data) {
    deallocate(block, header);
    return nullptr;
  }
  Buffer *buffer = makeHeader(block, element, rank, sizes);
  buffer->data = data;
  buffer->bytes = bytes;
  buffer->flags = Buffer::kDevice;
  buffer->ordinal = uint8_t(ordinal);
  return buffer;
}

Buffer *sym::rt::createLentBuffer(const sym_tensor &value,
                                  void (*release)(void *), void *context) {
  int64_t bytes;
  if (!tensorBytes(value, &bytes))
    return refuseSizes(value.element, value.rank, value.sizes);
  void *block = allocate(sizesBytes(value.rank) + int64_t(sizeof(LentBuffer)));
  if (!block)
    return nullptr;
  Buffer *buffer = makeHeader(block, value.element, value.rank, value.sizes);
  buffer->data = value.data;
  buffer->bytes = bytes;
  buffer->flags = Buffer::kLent;
  buffer->lender = {release, context};
  LentBuffer *lent = reinterpret_cast<LentBuffer *>(buffer);
  Guard guard(lentMutex);
  lent->previous = nullptr;
  lent->next = lentList;
  if (lentList)
    lentList->previous = lent;
  lentList = lent;
  numLentBuffers.fetch_add(1, std::memory_order_relaxed);
  return buffer;
}

/// A lender's callback may release further arrays, whose lenders are called
/// from the same loop: the depth of the stack stays fixed.
static void destroyLent(Buffer *buffer) {
  static __thread Buffer *queue = nullptr;
  static __thread bool running = false;
  LentBuffer *lent = reinterpret_cast<LentBuffer *>(buffer);
  {
    Guard guard(lentMutex);
    (lent->previous ? lent->previous->next : lentList) = lent->next;
    if (lent->next)
      lent->next->previous = lent->previous;
    numLentBuffers.fetch_sub(1, std::memory_order_relaxed);
  }
  // The data pointer is of no more use; it links the queue.
  buffer->data = queue;
  queue = buffer;
  if (running)
    return;
  running = true;
  // User code may use the runtime, and fail there; the fault that the caller
  // is about to report stays.
  ErrorRecord saved = lastError();
  while (Buffer *head = queue) {
    queue = static_cast<Buffer *>(head->data);
    auto lender = head->lender;
    int32_t rank = head->rank;
    deallocate(reinterpret_cast<char *>(head) - sizesBytes(rank),
               sizesBytes(rank) + int64_t(sizeof(LentBuffer)));
    if (lender.release)
      lender.release(lender.context);
  }
  lastError() = saved;
  running = false;
}

void sym::rt::destroyBuffer(Buffer *buffer) {
  if (SYM_UNLIKELY(buffer->lent()))
    return destroyLent(buffer);
  int64_t before = sizesBytes(buffer->rank), behind = buffer->bytes;
  if (SYM_UNLIKELY(buffer->onDevice())) {
    freeOnDevice(buffer->ordinal, buffer->data, buffer->bytes);
    behind = 0;
  }
  deallocate(reinterpret_cast<char *>(buffer) - before,
             before + int64_t(sizeof(Buffer)) + behind);
}

void sym::rt::lockLentBuffers() { lentMutex.lock(); }
void sym::rt::unlockLentBuffers() { lentMutex.unlock(); }

bool sym::rt::searchLent(const void *data, int64_t bytes) {
  Guard guard(lentMutex);
  for (LentBuffer *lent = lentList; lent; lent = lent->next)
    if (overlaps(data, bytes, lent->header.data, lent->header.bytes))
      return true;
  return false;
}

//===----------------------------------------------------------------------===//
// The user's arrays
//===----------------------------------------------------------------------===//

bool sym::rt::isDense(const sym_tensor &value) {
  if (!value.strides)
    return true;
  int64_t expected = 1;
  bool dense = true;
  for (int i = value.rank - 1; i >= 0; --i) {
    if (value.sizes[i] == 0)
      return true;
    if (value.sizes[i] != 1 && value.strides[i] != expected)
      dense = false;
    if (!checkedMul(expected, value.sizes[i], &expected))
      expected = 0; // a zero stride elsewhere; the product does not matter
  }
  return dense;
}

namespace {
template <typename T>
void copyRow(char *to, const char *from, int64_t count, int64_t step) {
  for (int64_t i = 0; i < count; ++i)
    memcpy(to + i * int64_t(sizeof(T)), from + i * step, sizeof(T));
}

struct Element16 {
  char bytes[16];
};

void copyAxis(char *&to, const char *from, const sym_tensor &value, int axis,
              int64_t size) {
  int64_t count = value.sizes[axis];
  int64_t step = value.strides[axis] * size;
  if (axis + 1 < value.rank) {
    for (int64_t i = 0; i < count; ++i)
      copyAxis(to, from + i * step, value, axis + 1, size);
    return;
  }
  if (step == size)
    memcpy(to, from, size_t(count * size));
  else if (size == 1)
    copyRow<uint8_t>(to, from, count, step);
  else if (size == 2)
    copyRow<uint16_t>(to, from, count, step);
  else if (size == 4)
    copyRow<uint32_t>(to, from, count, step);
  else if (size == 8)
    copyRow<uint64_t>(to, from, count, step);
  else
    copyRow<Element16>(to, from, count, step);
  to += count * size;
}
} // namespace

void sym::rt::copyDense(void *destination, const sym_tensor &value) {
  int64_t bytes;
  if (!tensorBytes(value, &bytes) || bytes == 0)
    return;
  if (isDense(value)) {
    memcpy(destination, value.data, size_t(bytes));
    return;
  }
  char *to = static_cast<char *>(destination);
  copyAxis(to, static_cast<const char *>(value.data), value, 0,
           int64_t(sym_element_size(value.element)));
}

Buffer *sym::rt::copyTensor(const sym_tensor &value) {
  Buffer *buffer = createBuffer(value.element, value.rank, value.sizes);
  if (buffer)
    copyDense(buffer->data, value);
  return buffer;
}

Buffer *sym::rt::copyBuffer(const Buffer *buffer) {
  if (SYM_UNLIKELY(buffer->onDevice()))
    return copyBufferTo(placeOf(*buffer), buffer);
  Buffer *copy = createBuffer(buffer->element, buffer->rank, buffer->sizes);
  if (copy && buffer->bytes)
    memcpy(copy->data, buffer->data, size_t(buffer->bytes));
  return copy;
}

void sym::rt::copyMoving(void *to, const Buffer *buffer) {
  // Eight bytes at once tear no element, since buffers are aligned and an
  // element's size divides eight or is a multiple of it.
  int64_t words = buffer->bytes / 8;
  auto *source = static_cast<const uint64_t *>(buffer->data);
  auto *target = static_cast<uint64_t *>(to);
  for (int64_t i = 0; i < words; ++i) {
    uint64_t word = __atomic_load_n(source + i, __ATOMIC_RELAXED);
    memcpy(target + i, &word, sizeof(word));
  }
  auto copyRest = [&](auto unit) {
    using Unit = decltype(unit);
    auto *from = reinterpret_cast<const Unit *>(source + words);
    char *rest = reinterpret_cast<char *>(target + words);
    for (int64_t i = 0; i < int64_t(buffer->bytes % 8 / sizeof(Unit)); ++i) {
      unit = __atomic_load_n(from + i, __ATOMIC_RELAXED);
      memcpy(rest + i * int64_t(sizeof(Unit)), &unit, sizeof(Unit));
    }
  };
  switch (sym_element_size(buffer->element)) {
  case 1:
    return copyRest(uint8_t());
  case 2:
    return copyRest(uint16_t());
  default:
    return copyRest(uint32_t());
  }
}

Buffer *sym::rt::copyMoving(const Buffer *buffer) {
  Buffer *copy = createBuffer(buffer->element, buffer->rank, buffer->sizes);
  if (copy)
    copyMoving(copy->data, buffer);
  return copy;
}

char *sym::rt::typeText(int32_t element, int32_t rank, const int64_t *sizes,
                        char *out) {
  int n = snprintf(out, kTypeTextCapacity, "%s[", elementName(element));
  for (int i = 0; i < rank && n < kTypeTextCapacity - 40; ++i) {
    n += snprintf(out + n, size_t(kTypeTextCapacity - n), "%s", i ? "x" : "");
    if (sizes[i] == SYM_DYNAMIC)
      n += snprintf(out + n, size_t(kTypeTextCapacity - n), "?");
    else
      n += snprintf(out + n, size_t(kTypeTextCapacity - n), "%lld",
                    (long long)sizes[i]);
  }
  snprintf(out + n, size_t(kTypeTextCapacity - n), "]");
  return out;
}

sym_status sym::rt::checkTensor(const sym_tensor &value,
                                const sym_type_desc &type, const char *what) {
  char expected[kTypeTextCapacity], found[kTypeTextCapacity];
  if (value.element != type.element || value.rank != type.rank) {
    bool sane = value.rank >= 0 && value.rank <= kMaxRank &&
                (value.rank == 0 || value.sizes);
    return fail(
        SYM_TYPE_MISMATCH, "%s: expected %s, found %s", what,
        typeText(type.element, type.rank, type.sizes, expected),
        typeText(value.element, sane ? value.rank : 0, value.sizes, found));
  }
  if (value.rank > 0 && !value.sizes)
    return fail(SYM_INVALID_ARGUMENT, "%s: the sizes are missing", what);
  for (int i = 0; i < type.rank; ++i) {
    if (value.sizes[i] < 0 ||
        (type.sizes[i] != SYM_DYNAMIC && type.sizes[i] != value.sizes[i]))
      return fail(SYM_SHAPE_MISMATCH, "%s: expected %s, found %s", what,
                  typeText(type.element, type.rank, type.sizes, expected),
                  typeText(value.element, value.rank, value.sizes, found));
  }
  int64_t bytes;
  if (!tensorBytes(value, &bytes))
    return fail(SYM_OVERFLOW, "%s: the size in bytes of %s exceeds 63 bits",
                what, typeText(value.element, value.rank, value.sizes, found));
  if (bytes > 0 && !value.data)
    return fail(SYM_INVALID_ARGUMENT, "%s: the data are missing", what);
  return SYM_OK;
}

//===----------------------------------------------------------------------===//
// Public
//===----------------------------------------------------------------------===//

void sym_array_retain(sym_array *array) {
  if (array)
    array->retain();
}

void sym_array_release(sym_array *array) { releaseBuffer(array); }

int32_t sym_array_is_unique(const sym_array *array) {
  return !array->lent() && array->unpinned();
}

sym_tensor sym_array_view(const sym_array *array) {
  return {array->data,   array->element,
          array->rank,   array->sizes,
          nullptr,       array->onDevice() ? SYM_SPACE_CUDA : SYM_SPACE_HOST,
          array->ordinal};
}
