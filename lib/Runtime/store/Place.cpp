//===- Place.cpp - Values on the host and on devices ----------------------===//

#include "Place.h"

#include <stdio.h>

using namespace sym::rt;

// Programs name the function in their descriptors, so what only makes variables
// links none of it; if it is linked anyhow, it may be used without a program.
#pragma weak sym_rt_devices

namespace {
SYM_CONSTINIT std::atomic<const sym_device_ops *> table{nullptr};
/// Whether a device was opened, and whether that was in a parent.
SYM_CONSTINIT std::atomic<bool> opened{false}, forbidden{false};

/// What it has of a buffer that is on a device; also the least that is asked
/// for, so that addresses of values differ.
int64_t deviceBytes(int64_t bytes) { return bytes ? bytes : 1; }

sym_status useTable(const sym_device_ops *given) {
  const sym_device_ops *none = nullptr;
  if (!table.compare_exchange_strong(none, given, std::memory_order_acq_rel) &&
      none != given)
    return fail(SYM_INVALID_ARGUMENT,
                "two programs of this process bring different device layers");
  return SYM_OK;
}
} // namespace

char *sym::rt::placeText(Place place, char *out) {
  if (place.onDevice())
    snprintf(out, kPlaceTextCapacity, "cuda:%d", int(place.ordinal));
  else
    snprintf(out, kPlaceTextCapacity, "the host");
  return out;
}

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

sym_status sym::rt::useDevices(const sym_program &program) {
  return program.devices ? useTable(program.devices()) : sym_status(SYM_OK);
}

const sym_device_ops *sym::rt::devices() {
  if (SYM_UNLIKELY(forbidden.load(std::memory_order_relaxed))) {
    fail(SYM_DEVICE_ERROR,
         "this process was forked from one that uses devices, and cannot use "
         "them");
    return nullptr;
  }
  const sym_device_ops *ops = table.load(std::memory_order_acquire);
  if (SYM_LIKELY(ops != nullptr))
    return ops;
  if (sym_rt_devices && !useTable(sym_rt_devices()))
    return table.load(std::memory_order_acquire);
  fail(SYM_NO_DEVICE, "this program is linked without the part of the runtime "
                      "that talks to devices");
  return nullptr;
}

sym_status sym::rt::openPlace(Place place, const char *what) {
  if (!place.onDevice())
    return SYM_OK;
  if (place.space != SYM_SPACE_CUDA || place.ordinal < 0 ||
      place.ordinal > kMaxOrdinal)
    return fail(SYM_INVALID_ARGUMENT, "%s: there is no space %d with device %d",
                what, int(place.space), int(place.ordinal));
  const sym_device_ops *ops = devices();
  if (!ops)
    return lastStatus();
  // Before it opens, since a fork may happen meanwhile.
  opened.store(true, std::memory_order_relaxed);
  return ops->open(place.ordinal);
}

void sym::rt::forbidDevices() {
  if (opened.load(std::memory_order_relaxed))
    forbidden.store(true, std::memory_order_relaxed);
}

void *sym::rt::allocateOnDevice(int32_t ordinal, int64_t bytes) {
  const sym_device_ops *ops = devices();
  return ops ? ops->allocate(ordinal, deviceBytes(bytes)) : nullptr;
}

void sym::rt::freeOnDevice(int32_t ordinal, void *data, int64_t bytes) {
  // What a parent had goes with the parent.
  if (!forbidden.load(std::memory_order_relaxed))
    table.load(std::memory_order_acquire)
        ->free(ordinal, data, deviceBytes(bytes));
}

void sym::rt::releaseDeviceProgram(DeviceProgram *program) {
  if (!forbidden.load(std::memory_order_relaxed))
    table.load(std::memory_order_acquire)->releaseProgram(program);
}

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

Buffer *sym::rt::createBufferAt(Place place, int32_t element, int32_t rank,
                                const int64_t *sizes) {
  return place.onDevice()
             ? createDeviceBuffer(place.ordinal, element, rank, sizes)
             : createBuffer(element, rank, sizes);
}

/// Fills fresh `to` from dense memory.
static sym_status fill(Buffer *to, Place from, const void *data) {
  if (to->bytes == 0)
    return SYM_OK;
  if (!to->onDevice() && !from.onDevice()) {
    memcpy(to->data, data, size_t(to->bytes));
    return SYM_OK;
  }
  const sym_device_ops *ops = devices();
  if (!ops)
    return lastStatus();
  if (!to->onDevice())
    return ops->download(from.ordinal, to->data, data, to->bytes);
  if (!from.onDevice())
    return ops->upload(to->ordinal, to->data, data, to->bytes);
  return ops->copy(to->ordinal, to->data, from.ordinal, data, to->bytes);
}

/// `buffer` filled from dense memory, or null.
static Buffer *filled(Buffer *buffer, Place from, const void *data) {
  if (buffer && fill(buffer, from, data)) {
    releaseBuffer(buffer);
    return nullptr;
  }
  return buffer;
}

/// A dense host copy of a strided array on a device: all that lies between its
/// first and its last element is fetched.
static Buffer *gather(const sym_tensor &value, Place from) {
  int64_t size = int64_t(sym_element_size(value.element));
  int64_t low = 0, high = 0, bytes;
  bool fits = true;
  for (int i = 0; i < value.rank; ++i) {
    int64_t reach;
    fits = fits && checkedMul(value.sizes[i] - 1, value.strides[i], &reach) &&
           (reach < 0 ? checkedAdd(low, reach, &low)
                      : checkedAdd(high, reach, &high));
  }
  if (!fits || __builtin_sub_overflow(high, low, &bytes) ||
      !checkedAdd(bytes, 1, &bytes) || !checkedMul(bytes, size, &bytes)) {
    fail(SYM_OVERFLOW, "the strides of an array on a device exceed 63 bits");
    return nullptr;
  }
  Buffer *span = filled(createBlock(bytes), from,
                        static_cast<const char *>(value.data) + low * size);
  if (!span)
    return nullptr;
  sym_tensor here = value;
  here.data = static_cast<char *>(span->data) - low * size;
  here.space = SYM_SPACE_HOST;
  Buffer *dense = copyTensor(here);
  releaseBuffer(span);
  return dense;
}

Buffer *sym::rt::copyTensorTo(Place place, const sym_tensor &value) {
  Place from = {value.space, value.space_index};
  if (!place.onDevice() && !from.onDevice())
    return copyTensor(value);
  if (openPlace(from, "an array on a device"))
    return nullptr;
  if (isDense(value))
    return filled(createBufferAt(place, value.element, value.rank, value.sizes),
                  from, value.data);
  return moveBufferTo(place, from.onDevice() ? gather(value, from)
                                             : copyTensor(value));
}

Buffer *sym::rt::copyBufferTo(Place place, const Buffer *buffer) {
  return filled(
      createBufferAt(place, buffer->element, buffer->rank, buffer->sizes),
      placeOf(*buffer), buffer->data);
}

Buffer *sym::rt::moveBufferTo(Place place, Buffer *buffer) {
  if (!buffer || placeOf(*buffer) == place)
    return buffer;
  Buffer *moved = copyBufferTo(place, buffer);
  releaseBuffer(buffer);
  return moved;
}

sym_status sym_array_to_host(sym_array *array, sym_array **out) {
  Buffer *copy = array;
  if (!array->onDevice())
    array->retain();
  else if (!(copy = copyBufferTo({}, array)))
    return lastStatus();
  *out = copy;
  return SYM_OK;
}
