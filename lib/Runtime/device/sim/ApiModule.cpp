//===- ApiModule.cpp - Modules, functions, launches -----------------------===//

#include "Api.h"
#include "ApiLaunch.h"
#include "Module.h"

#include <algorithm>

using namespace sym::sim;

static CUresult moduleLoadData(Lock &, CUmodule *out, const void *image) {
  if (!image)
    return CUDA_ERROR_INVALID_VALUE;
  Module *module;
  if (CUresult result =
          loadModule(image, int(simulator().config.arch), &module))
    return result;
  module->device = currentDevice();
  simulator().modules.insert(module);
  *out = reinterpret_cast<CUmodule>(module);
  return CUDA_SUCCESS;
}

static CUresult moduleLoadDataEx(Lock &lock, CUmodule *out, const void *image,
                                 unsigned, CUjit_option *, void **) {
  return moduleLoadData(lock, out, image);
}

static Module *moduleOf(CUmodule handle) {
  auto *module = reinterpret_cast<Module *>(handle);
  return simulator().modules.count(module) ? module : nullptr;
}

static CUresult moduleUnload(Lock &lock, CUmodule handle) {
  Module *module = moduleOf(handle);
  if (!module)
    return CUDA_ERROR_INVALID_HANDLE;
  // Its kernels may be in queues.
  simulator().scheduler.waitDevice(lock, *module->device);
  if (!simulator().modules.erase(module))
    return CUDA_ERROR_INVALID_HANDLE;
  delete module;
  return CUDA_SUCCESS;
}

static CUresult moduleGetFunction(Lock &, CUfunction *out, CUmodule handle,
                                  const char *name) {
  Module *module = moduleOf(handle);
  if (!module)
    return CUDA_ERROR_INVALID_HANDLE;
  auto it = module->functions.find(name);
  if (it == module->functions.end())
    return CUDA_ERROR_NOT_FOUND;
  *out = reinterpret_cast<CUfunction>(&it->second);
  return CUDA_SUCCESS;
}

/// The function behind a handle; null if its module is gone or another
/// context's.
static Function *functionOf(CUfunction handle) {
  auto *function = reinterpret_cast<Function *>(handle);
  bool good = isLoaded(function) && function->module->device == currentDevice();
  return good ? function : nullptr;
}

static uint32_t mostThreads(const Function &function) {
  return function.kernel->max_threads ? function.kernel->max_threads
                                      : kMaxThreads;
}

static CUresult funcGetAttribute(Lock &, int *value,
                                 CUfunction_attribute attribute,
                                 CUfunction handle) {
  Function *function = functionOf(handle);
  if (!function)
    return CUDA_ERROR_INVALID_HANDLE;
  switch (attribute) {
  case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
    *value = int(mostThreads(*function));
    return CUDA_SUCCESS;
  case CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES:
    *value = int(function->kernel->static_shared_bytes);
    return CUDA_SUCCESS;
  case CU_FUNC_ATTRIBUTE_NUM_REGS:
    *value = int(function->kernel->num_registers);
    return CUDA_SUCCESS;
  case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES:
    *value = int(function->maxDynamicShared);
    return CUDA_SUCCESS;
  case CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES:
  case CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES:
    *value = 0;
    return CUDA_SUCCESS;
  default:
    return CUDA_ERROR_INVALID_VALUE;
  }
}

static CUresult funcSetAttribute(Lock &, CUfunction handle,
                                 CUfunction_attribute attribute, int value) {
  Function *function = functionOf(handle);
  if (!function)
    return CUDA_ERROR_INVALID_HANDLE;
  uint32_t fixed = function->kernel->static_shared_bytes;
  if (attribute != CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES ||
      value < 0 || uint32_t(value) > kSharedMost - fixed)
    return CUDA_ERROR_INVALID_VALUE;
  function->maxDynamicShared = uint32_t(value);
  return CUDA_SUCCESS;
}

static CUresult occupancyMaxActiveBlocks(Lock &, int *blocks, CUfunction handle,
                                         int blockSize, size_t dynamicShared) {
  Function *function = functionOf(handle);
  if (!function)
    return CUDA_ERROR_INVALID_HANDLE;
  if (blockSize <= 0)
    return CUDA_ERROR_INVALID_VALUE;
  size_t shared = function->kernel->static_shared_bytes + dynamicShared;
  size_t byThreads = 2048 / size_t(blockSize);
  size_t byShared = shared ? kSharedMost / shared : 32;
  *blocks = int(uint32_t(blockSize) > mostThreads(*function)
                    ? 0
                    : std::min({byThreads, byShared, size_t(32)}));
  return CUDA_SUCCESS;
}

CUresult sym::sim::makeKernelWork(CUfunction handle, const LaunchShape &shape,
                                  void **params, void **extra,
                                  std::shared_ptr<KernelWork> *out) {
  Function *function = functionOf(handle);
  if (!function)
    return CUDA_ERROR_INVALID_HANDLE;
  // A buffer of all parameters is a second way to say the same.
  if (extra || (function->kernel->num_params && !params))
    return CUDA_ERROR_INVALID_VALUE;
  for (int i = 0; i < 3; ++i)
    if (!shape.grid[i] || !shape.block[i])
      return CUDA_ERROR_INVALID_VALUE;
  if (shape.grid[0] > uint32_t(INT32_MAX) || shape.grid[1] > 65535 ||
      shape.grid[2] > 65535 || shape.block[0] > kMaxThreads ||
      shape.block[1] > kMaxThreads || shape.block[2] > 64)
    return CUDA_ERROR_INVALID_VALUE;
  uint32_t threads = shape.block[0] * shape.block[1] * shape.block[2];
  if (threads > kMaxThreads)
    return CUDA_ERROR_INVALID_VALUE;
  if (threads > mostThreads(*function))
    return CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES;
  uint32_t fixed = function->kernel->static_shared_bytes;
  uint32_t limit = function->maxDynamicShared;
  if (limit == kSharedDefault)
    limit -= std::min(limit, fixed);
  if (shape.dynamicShared > limit)
    return CUDA_ERROR_INVALID_VALUE;

  auto work = std::make_shared<KernelWork>();
  work->function = function;
  work->shape = shape;
  for (uint32_t i = 0; i < function->kernel->num_params; ++i) {
    const char *from = static_cast<const char *>(params[i]);
    work->params.emplace_back(from, from + function->kernel->param_sizes[i]);
  }
  *out = std::move(work);
  return CUDA_SUCCESS;
}

static CUresult launchKernel(Lock &, CUfunction function, unsigned gridX,
                             unsigned gridY, unsigned gridZ, unsigned blockX,
                             unsigned blockY, unsigned blockZ,
                             unsigned sharedBytes, CUstream handle,
                             void **params, void **extra) {
  Stream *stream = streamOf(handle);
  if (!stream)
    return CUDA_ERROR_INVALID_HANDLE;
  LaunchShape shape = {
      {gridX, gridY, gridZ}, {blockX, blockY, blockZ}, sharedBytes};
  std::shared_ptr<KernelWork> work;
  if (CUresult result = makeKernelWork(function, shape, params, extra, &work))
    return result;
  return submit(*stream, std::move(work));
}

const std::vector<ApiFunction> &sym::sim::moduleFunctions() {
  static const auto *all = new std::vector<ApiFunction>{
      SYM_SIM_API("cuModuleLoadData", 2000, moduleLoadData, kContextCall),
      SYM_SIM_API("cuModuleLoadDataEx", 2010, moduleLoadDataEx, kContextCall),
      SYM_SIM_API("cuModuleUnload", 2000, moduleUnload, kReleaseCall),
      SYM_SIM_API("cuModuleGetFunction", 2000, moduleGetFunction, kContextCall),
      SYM_SIM_API("cuFuncGetAttribute", 2020, funcGetAttribute, kContextCall),
      SYM_SIM_API("cuFuncSetAttribute", 9000, funcSetAttribute, kContextCall),
      SYM_SIM_API("cuOccupancyMaxActiveBlocksPerMultiprocessor", 6050,
                  occupancyMaxActiveBlocks, kContextCall),
      SYM_SIM_API("cuLaunchKernel", 4000, launchKernel, kContextCall),
  };
  return *all;
}
