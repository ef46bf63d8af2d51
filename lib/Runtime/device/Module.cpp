//===- Module.cpp - Kernels of a device -----------------------------------===//

#include "Module.h"

using namespace sym::rt;

sym_status DeviceModule::load(Device &device, const void *image) {
  Current current(device);
  if (current.status())
    return current.status();
  CUmodule made;
  CUresult result = device.driver().cuModuleLoadData(&made, image);
  if (statusOf(result) == SYM_WRONG_ARCHITECTURE)
    return fail(SYM_WRONG_ARCHITECTURE,
                "device %d, '%s', of architecture sm_%d cannot run these "
                "kernels: they were compiled for another",
                device.ordinal(), device.limits().name, device.limits().arch);
  if (sym_status status = device.check(result, "cuModuleLoadData"))
    return status;
  module.reset();
  module.adopt(device, made);
  return SYM_OK;
}

sym_status DeviceModule::function(const char *name, DeviceFunction *out) {
  Device &device = *module.device;
  const Driver &driver = device.driver();
  Current current(device);
  if (current.status())
    return current.status();
  DeviceFunction found;
  found.device = &device;
  CUresult result =
      driver.cuModuleGetFunction(&found.function, module.handle, name);
  if (result == CUDA_ERROR_NOT_FOUND)
    return fail(SYM_NOT_FOUND, "the module has no kernel '%s'", name);
  if (sym_status status = device.check(result, "cuModuleGetFunction"))
    return status;
  const struct {
    CUfunction_attribute attribute;
    int *value;
  } attributes[] = {
      {CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, &found.maxThreads},
      {CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, &found.sharedBytes},
      {CU_FUNC_ATTRIBUTE_NUM_REGS, &found.registers},
      {CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES, &found.localBytes},
  };
  for (const auto &wanted : attributes)
    if (sym_status status =
            device.check(driver.cuFuncGetAttribute(
                             wanted.value, wanted.attribute, found.function),
                         "cuFuncGetAttribute"))
      return status;
  *out = found;
  return SYM_OK;
}

sym_status DeviceFunction::allowSharedBytes(int bytes) {
  Current current(*device);
  if (current.status())
    return current.status();
  return device->check(
      device->driver().cuFuncSetAttribute(
          function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, bytes),
      "cuFuncSetAttribute");
}
