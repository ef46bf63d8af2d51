//===- Stream.h - Queues of a device and points in them ---------*- C++ -*-===//
//
// What is enqueued returns at once; a fault of it is delivered at the first
// function that waits. Streams are not ordered with each other, nor with the
// null stream, unless an event says so.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_DEVICE_STREAM_H
#define SYM_LIB_RUNTIME_DEVICE_STREAM_H

#include "Device.h"

namespace sym::rt {

class DeviceFunction;

/// A point in a stream.
class DeviceEvent {
public:
  /// `timed` events can be subtracted.
  sym_status create(Device &device, bool timed = false);
  /// Waits until the stream has come to the point that was recorded last.
  sym_status synchronize();
  /// Whether it has; does not wait.
  sym_status query(bool *done);
  /// Milliseconds between two timed events that have happened.
  sym_status since(const DeviceEvent &earlier, float *milliseconds);

  CUevent get() const { return event.handle; }
  bool isValid() const { return event.handle; }
  void reset() { event.reset(); }

private:
  Owned<CUevent, &Driver::cuEventDestroy> event;
};

/// How a kernel is started.
struct Grid {
  unsigned blocks[3] = {1, 1, 1};
  unsigned threads[3] = {1, 1, 1};
  unsigned sharedBytes = 0; ///< dynamic
};

class DeviceStream {
public:
  sym_status create(Device &device);
  /// What is enqueued still runs.
  void reset() { stream.reset(); }

  /// Waits for everything that was enqueued so far.
  sym_status synchronize();
  /// Whether all of it is done; does not wait.
  sym_status query(bool *done);
  /// Records the stream's end as of now.
  sym_status record(DeviceEvent &event);
  /// What is enqueued later waits for the event; of any device.
  sym_status wait(const DeviceEvent &event);

  /// `host` must be pinned, and stay as it is until the copy is done.
  sym_status copyToDevice(CUdeviceptr to, const void *host, size_t bytes);
  sym_status copyToHost(void *host, CUdeviceptr from, size_t bytes);
  sym_status copyOnDevice(CUdeviceptr to, CUdeviceptr from, size_t bytes);
  /// From memory of another device.
  sym_status copyFromPeer(CUdeviceptr to, CUdeviceptr from, Device &source,
                          size_t bytes);
  sym_status fillBytes(CUdeviceptr to, unsigned char value, size_t count);
  sym_status fillHalves(CUdeviceptr to, uint16_t value, size_t count);
  sym_status fillWords(CUdeviceptr to, uint32_t value, size_t count);

  /// Parameters are read before it returns.
  sym_status launch(const DeviceFunction &function, const Grid &grid,
                    void **params);
  /// Runs `function(context)` on a thread of the driver's. It must not call the
  /// driver.
  sym_status callHost(void (*function)(void *), void *context);

  Device &device() const { return *stream.device; }
  CUstream get() const { return stream.handle; }
  bool isValid() const { return stream.handle; }

private:
  Owned<CUstream, &Driver::cuStreamDestroy> stream;
};

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_DEVICE_STREAM_H
