//===- Driver.cpp - The CUDA driver, opened at run time -------------------===//

#include "Driver.h"
#include "../base/Mutex.h"

#include <dlfcn.h>
#include <initializer_list>
#include <new>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

using namespace sym::rt;

static constexpr const char *kInstalled = "libcuda.so.1";
static constexpr const char *kSimulated = "libsymcudasim.so";

namespace {
struct Opened {
  Driver driver;
  Opened *next;
  char name[1024];
};
} // namespace

SYM_CONSTINIT static Mutex openMutex;
static Opened *openedDrivers = nullptr;

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

sym_status sym::rt::statusOf(CUresult result) {
  switch (result) {
  case CUDA_SUCCESS:
    return SYM_OK;
  case CUDA_ERROR_OUT_OF_MEMORY:
    return SYM_DEVICE_OUT_OF_MEMORY;
  case CUDA_ERROR_STUB_LIBRARY:
  case CUDA_ERROR_SYSTEM_DRIVER_MISMATCH:
  case CUDA_ERROR_NOT_INITIALIZED:
    return SYM_NO_DRIVER;
  case CUDA_ERROR_NO_DEVICE:
  case CUDA_ERROR_INVALID_DEVICE:
    return SYM_NO_DEVICE;
  case CUDA_ERROR_NO_BINARY_FOR_GPU:
  case CUDA_ERROR_UNSUPPORTED_PTX_VERSION:
    return SYM_WRONG_ARCHITECTURE;
  case CUDA_ERROR_INVALID_IMAGE:
  case CUDA_ERROR_INVALID_PTX:
  case CUDA_ERROR_INVALID_SOURCE:
    return SYM_BAD_FORMAT;
  case CUDA_ERROR_NOT_FOUND:
    return SYM_NOT_FOUND;
  case CUDA_ERROR_INVALID_VALUE:
    return SYM_INVALID_ARGUMENT;
  case CUDA_ERROR_ILLEGAL_ADDRESS:
  case CUDA_ERROR_LAUNCH_TIMEOUT:
  case CUDA_ERROR_ASSERT:
  case CUDA_ERROR_HARDWARE_STACK_ERROR:
  case CUDA_ERROR_ILLEGAL_INSTRUCTION:
  case CUDA_ERROR_MISALIGNED_ADDRESS:
  case CUDA_ERROR_INVALID_ADDRESS_SPACE:
  case CUDA_ERROR_INVALID_PC:
  case CUDA_ERROR_LAUNCH_FAILED:
    return SYM_KERNEL_FAULT;
  case CUDA_ERROR_DEINITIALIZED:
  case CUDA_ERROR_DEVICE_UNAVAILABLE:
  case CUDA_ERROR_ECC_UNCORRECTABLE:
  case CUDA_ERROR_NVLINK_UNCORRECTABLE:
  case CUDA_ERROR_CONTEXT_IS_DESTROYED:
  case CUDA_ERROR_UNKNOWN:
    return SYM_DEVICE_LOST;
  default:
    return SYM_DEVICE_ERROR;
  }
}

bool sym::rt::isFatal(sym_status status) {
  return status == SYM_KERNEL_FAULT || status == SYM_DEVICE_LOST;
}

sym_status sym::rt::driverFault(const Driver &driver, CUresult result,
                                const char *call, int device) {
  const char *name = nullptr, *text = nullptr;
  driver.cuGetErrorName(result, &name);
  driver.cuGetErrorString(result, &text);
  char where[32] = "";
  if (device >= 0)
    snprintf(where, sizeof(where), " on device %d", device);
  return fail(statusOf(result), "%s%s failed: %s (%s, %d)", call, where,
              text ? text : "an error that the driver does not know",
              name ? name : "unnamed", int(result));
}

//===----------------------------------------------------------------------===//
// Opening
//===----------------------------------------------------------------------===//

void *sym::rt::openBeside(const char *name) {
  Dl_info info;
  if (dladdr(reinterpret_cast<void *>(&openDriver), &info) && info.dli_fname) {
    const char *slash = strrchr(info.dli_fname, '/');
    int length = slash ? int(slash - info.dli_fname) : 0;
    for (const char *folder : {"", "/../lib"}) {
      char path[1024];
      snprintf(path, sizeof(path), "%.*s%s/%s", slash ? length : 1,
               slash ? info.dli_fname : ".", folder, name);
      if (void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL))
        return library;
    }
  }
  return dlopen(name, RTLD_NOW | RTLD_LOCAL);
}

static sym_status load(const char *which, Driver &driver) {
  driver.isStandIn = which && !strcmp(which, "sim");
  const char *name =
      driver.isStandIn ? kSimulated : (which ? which : kInstalled);
  void *library =
      driver.isStandIn ? openBeside(name) : dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *why = dlerror();
    return fail(SYM_NO_DRIVER, "no CUDA driver: %s", why ? why : name);
  }

  auto init = reinterpret_cast<PFN_cuInit_v2000>(dlsym(library, "cuInit"));
  auto getVersion = reinterpret_cast<PFN_cuDriverGetVersion_v2020>(
      dlsym(library, "cuDriverGetVersion"));
  driver.getProcAddress = reinterpret_cast<PFN_cuGetProcAddress_v12000>(
      dlsym(library, "cuGetProcAddress_v2"));
  if (!init || !getVersion)
    return fail(SYM_NO_DRIVER, "'%s' is no CUDA driver: it has no cuInit",
                name);
  // Before anything else, so that an old driver is called old and not strange.
  driver.version = 0;
  CUresult result = getVersion(&driver.version);
  if (result == CUDA_ERROR_STUB_LIBRARY)
    return fail(SYM_NO_DRIVER, "no CUDA driver: '%s' is the toolkit's stub",
                name);
  if (result == CUDA_SUCCESS &&
      (driver.version < kDriverInterface || !driver.getProcAddress))
    return fail(SYM_DRIVER_TOO_OLD,
                "the CUDA driver supports %d.%d; %d.%d or newer is needed",
                driver.version / 1000, driver.version % 1000 / 10,
                kDriverInterface / 1000, kDriverInterface % 1000 / 10);
  result = init(0);
  if (result == CUDA_ERROR_STUB_LIBRARY)
    return fail(SYM_NO_DRIVER, "no CUDA driver: '%s' is the toolkit's stub",
                name);
  if (result == CUDA_ERROR_NO_DEVICE)
    return fail(SYM_NO_DEVICE, "the CUDA driver finds no device");
  if (result != CUDA_SUCCESS || !driver.getProcAddress)
    return fail(statusOf(result) ? statusOf(result) : SYM_NO_DRIVER,
                "the CUDA driver does not start: cuInit failed with error %d",
                int(result));

#define SYM_DRIVER_LOAD(function, version)                                     \
  if (driver.getProcAddress(#function,                                         \
                            reinterpret_cast<void **>(&driver.function),       \
                            kDriverInterface, CU_GET_PROC_ADDRESS_DEFAULT,     \
                            nullptr) != CUDA_SUCCESS ||                        \
      !driver.function)                                                        \
    return fail(SYM_DRIVER_TOO_OLD, "the CUDA driver has no " #function);
  SYM_DRIVER_FUNCTIONS(SYM_DRIVER_LOAD)
#undef SYM_DRIVER_LOAD

  result = driver.cuDeviceGetCount(&driver.devices);
  if (result != CUDA_SUCCESS)
    return driverFault(driver, result, "cuDeviceGetCount", -1);
  if (driver.devices <= 0)
    return fail(SYM_NO_DEVICE, "the CUDA driver finds no device");
  return SYM_OK;
}

sym_status sym::rt::openDriver(const char *which, const Driver **out) {
  const char *name = which ? which : kInstalled;
  if (strlen(name) >= sizeof(Opened::name))
    return fail(SYM_INVALID_ARGUMENT, "the driver's name is too long");
  Guard guard(openMutex);
  for (Opened *opened = openedDrivers; opened; opened = opened->next)
    if (!strcmp(opened->name, name)) {
      *out = &opened->driver;
      return SYM_OK;
    }
  auto *fresh = new (std::nothrow) Opened();
  if (!fresh)
    return fail(SYM_OUT_OF_MEMORY, "no memory for the driver's table");
  if (sym_status status = load(which, fresh->driver)) {
    delete fresh;
    return status;
  }
  strcpy(fresh->name, name);
  fresh->next = openedDrivers;
  openedDrivers = fresh;
  *out = &fresh->driver;
  return SYM_OK;
}
