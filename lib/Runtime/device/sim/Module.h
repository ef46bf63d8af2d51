//===- Module.h - Kernel images --------------------------------- -*- C++
//-*-===//

#ifndef SYM_LIB_RUNTIME_DEVICE_SIM_MODULE_H
#define SYM_LIB_RUNTIME_DEVICE_SIM_MODULE_H

#include "Launch.h"

#include "sym/Runtime/sim_abi.h"

#include <map>
#include <memory>
#include <string>

namespace sym::sim {

struct Device;
struct Module;

struct Function {
  Module *module;
  const sym_sim_kernel *kernel;
  /// What cuFuncSetAttribute allows of dynamic shared memory.
  uint32_t maxDynamicShared;
};

struct Module {
  ~Module();

  Device *device = nullptr;
  void *library = nullptr;
  int file = -1;
  bool instrumented = false;
  std::map<std::string, Function> functions;
};

/// Limits that every simulated device has.
constexpr uint32_t kMaxThreads = 1024;
constexpr uint32_t kSharedDefault = 48 << 10;
constexpr uint32_t kSharedMost = 227 << 10;

/// The one table of services.
const sym_sim_services &services();

/// Whether this is a function of a module that is loaded now. With the
/// simulator's mutex.
bool isLoaded(const Function *function);

/// Loads an image, a shared object in memory; *out is the caller's. Errors as
/// cuModuleLoadData has them: no image at all, an image for something else.
CUresult loadModule(const void *image, int arch, Module **out);

} // namespace sym::sim

#endif // SYM_LIB_RUNTIME_DEVICE_SIM_MODULE_H
