//===- Module.h - Kernels of a device ---------------------------*- C++ -*-===//

#ifndef SYM_LIB_RUNTIME_DEVICE_MODULE_H
#define SYM_LIB_RUNTIME_DEVICE_MODULE_H

#include "Device.h"

namespace sym::rt {

/// A kernel; valid as long as its module.
class DeviceFunction {
public:
  /// Allows launches with so much dynamic shared memory.
  sym_status allowSharedBytes(int bytes);

  int maxThreads = 0;  ///< per block
  int sharedBytes = 0; ///< static
  int registers = 0;   ///< per thread
  int localBytes = 0;  ///< per thread: spills and arrays

  CUfunction get() const { return function; }
  bool isValid() const { return function; }

private:
  friend class DeviceModule;
  Device *device = nullptr;
  CUfunction function = nullptr;
};

class DeviceModule {
public:
  /// Loads an image: a cubin, PTX, or a fat binary; of the simulated driver, a
  /// shared object (sim_abi.h). SYM_WRONG_ARCHITECTURE for one that the device
  /// cannot run, SYM_BAD_FORMAT for what is no image.
  sym_status load(Device &device, const void *image);
  /// SYM_NOT_FOUND if there is none of that name.
  sym_status function(const char *name, DeviceFunction *out);
  bool isValid() const { return module.handle; }
  /// The kernels must not be running.
  void reset() { module.reset(); }

private:
  Owned<CUmodule, &Driver::cuModuleUnload> module;
};

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_DEVICE_MODULE_H
