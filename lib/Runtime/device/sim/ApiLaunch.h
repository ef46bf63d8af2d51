//===- ApiLaunch.h - Checking a launch --------------------------*- C++ -*-===//

#ifndef SYM_LIB_RUNTIME_DEVICE_SIM_APILAUNCH_H
#define SYM_LIB_RUNTIME_DEVICE_SIM_APILAUNCH_H

#include "Launch.h"

namespace sym::sim {

/// Checks a launch of the current context as cuLaunchKernel does, and copies
/// its parameters.
CUresult makeKernelWork(CUfunction function, const LaunchShape &shape,
                        void **params, void **extra,
                        std::shared_ptr<KernelWork> *out);

} // namespace sym::sim

#endif // SYM_LIB_RUNTIME_DEVICE_SIM_APILAUNCH_H
