//===- Exports.cpp - What the library exports -----------------------------===//
//
// Three functions; everything else is reached through the last of them, as
// with a real driver.
//
//===----------------------------------------------------------------------===//

#include "Api.h"
#include "Control.h"

#include <string.h>

using namespace sym::sim;

#define SYM_SIM_EXPORT extern "C" __attribute__((visibility("default")))

static const ApiFunction *find(const char *name) {
  for (const auto *functions :
       {&deviceFunctions(), &memoryFunctions(), &streamFunctions(),
        &moduleFunctions(), &graphFunctions()})
    for (const ApiFunction &function : *functions)
      if (!strcmp(function.name, name))
        return &function;
  return nullptr;
}

SYM_SIM_EXPORT CUresult cuInit(unsigned int flags) {
  return reinterpret_cast<CUresult (*)(unsigned)>(find("cuInit")->function)(
      flags);
}

SYM_SIM_EXPORT CUresult cuDriverGetVersion(int *version) {
  return reinterpret_cast<CUresult (*)(int *)>(
      find("cuDriverGetVersion")->function)(version);
}

SYM_SIM_EXPORT CUresult
cuGetProcAddress_v2(const char *symbol, void **pfn, int cudaVersion, cuuint64_t,
                    CUdriverProcAddressQueryResult *status) {
  *pfn = nullptr;
  CUdriverProcAddressQueryResult ignored;
  if (!status)
    status = &ignored;
  if (!strcmp(symbol, "symSimControl")) {
    *pfn = const_cast<sym_sim_control *>(&control());
    *status = CU_GET_PROC_ADDRESS_SUCCESS;
    return CUDA_SUCCESS;
  }
  if (!strcmp(symbol, "symSimLibrary")) {
    *pfn = const_cast<sym_sim_library *>(&library());
    *status = CU_GET_PROC_ADDRESS_SUCCESS;
    return CUDA_SUCCESS;
  }
  const ApiFunction *function = find(symbol);
  if (!function) {
    *status = CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND;
    return CUDA_ERROR_NOT_FOUND;
  }
  if (cudaVersion < function->since) {
    *status = CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT;
    return CUDA_ERROR_NOT_FOUND;
  }
  *pfn = function->function;
  *status = CU_GET_PROC_ADDRESS_SUCCESS;
  return CUDA_SUCCESS;
}
