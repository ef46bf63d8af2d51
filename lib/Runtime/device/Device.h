//===- Device.h - A device and what belongs to it ---------------*- C++ -*-===//
//
// Everything here reports by sym_status, with a message on the thread; nothing
// prints, nothing throws. Objects are made by `create`-like functions into
// empty ones, may be moved, and give back what they own when they go. A
// device outlives what was made from it (it counts), and is closed before the
// driver shuts down: no object of this layer is static.
//
// A fault of a kernel, or a device that is lost, breaks the device: from then
// on every function answers that status at once, and only giving back still
// works. The host's memory is not concerned.
//
// Threads: a Device may be used by any number at once; of the others, one
// object by one thread at a time.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_DEVICE_DEVICE_H
#define SYM_LIB_RUNTIME_DEVICE_DEVICE_H

#include "Driver.h"

#include <atomic>
#include <utility>

namespace sym::rt {

struct DeviceLimits {
  int arch; ///< compute capability times ten
  int multiprocessors;
  int maxThreadsPerBlock;
  int maxGridX;
  int sharedBytes;      ///< per block, without asking
  int sharedBytesOptIn; ///< per block, for a function that asks
  int64_t memoryBytes;
  char name[128];
};

class Device {
public:
  Device() = default;
  /// Closes it; what close would report is lost.
  ~Device() { close(); }
  Device(const Device &) = delete;
  Device &operator=(const Device &) = delete;

  /// Retains the primary context of device `ordinal` of the driver.
  /// SYM_NO_DEVICE if there is none of that number.
  sym_status open(const Driver &driver, int ordinal);
  /// Waits for what runs and gives the context back. SYM_INVALID_ARGUMENT, and
  /// nothing happens, while something made from the device is left; a device
  /// that is broken is closed all the same and reports why it was.
  sym_status close();

  bool isOpen() const { return context; }
  const Driver &driver() const { return *table; }
  int ordinal() const { return number; }
  CUcontext handle() const { return context; }
  const DeviceLimits &limits() const { return properties; }
  /// What broke it; SYM_OK while it works.
  sym_status broken() const { return fault.load(std::memory_order_relaxed); }

  /// Gives the device up: from here on it is broken by `status`, unless it was
  /// before.
  void abandon(sym_status status);

  /// Waits for everything that was enqueued on the device.
  sym_status synchronize();

  /// Turns what the driver answered into a status, and remembers a fatal one.
  sym_status check(CUresult result, const char *call);
  /// As check, but leaves the thread's message alone: for what is reported
  /// while something is given back, which belongs to earlier work.
  void note(CUresult result);

  // For the objects that belong to it.
  void adopt() { children.fetch_add(1, std::memory_order_relaxed); }
  void disown() { children.fetch_sub(1, std::memory_order_release); }

private:
  friend class Current;

  const Driver *table = nullptr;
  int number = -1;
  CUcontext context = nullptr;
  DeviceLimits properties = {};
  std::atomic<sym_status> fault{SYM_OK};
  std::atomic<int> children{0};
};

/// Makes a device current on the calling thread for a scope. Scopes nest; an
/// inner one of the same device costs nothing.
class Current {
public:
  enum Purpose { kUse, kGiveBack };
  /// To give something back, also a broken device is made current, and the
  /// thread's message is left alone.
  explicit Current(Device &device, Purpose purpose = kUse);
  ~Current();
  Current(const Current &) = delete;
  Current &operator=(const Current &) = delete;

  /// Whether the device may be used in the scope.
  sym_status status() const { return result; }

private:
  Device &device;
  Device *outer;
  bool pushed = false;
  sym_status result = SYM_OK;
};

/// A handle that the driver destroys by one function.
template <typename Handle, auto destroy> class Owned {
public:
  Owned() = default;
  ~Owned() { reset(); }
  Owned(Owned &&other) noexcept { swap(other); }
  Owned &operator=(Owned &&other) noexcept {
    reset();
    swap(other);
    return *this;
  }

  void adopt(Device &from, Handle made) {
    device = &from;
    handle = made;
    device->adopt();
  }
  /// Destroys the handle. An error that the driver reports here belongs to
  /// earlier work, and is remembered if it is fatal.
  void reset() {
    if (!handle)
      return;
    {
      Current current(*device, Current::kGiveBack);
      device->note((device->driver().*destroy)(handle));
    }
    device->disown();
    handle = Handle();
    device = nullptr;
  }

  Device *device = nullptr;
  Handle handle = Handle();

private:
  void swap(Owned &other) {
    std::swap(device, other.device);
    std::swap(handle, other.handle);
  }
};

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_DEVICE_DEVICE_H
