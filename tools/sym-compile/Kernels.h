//===- Kernels.h - The kernels of a program --------------------*- C++ -*-===//

#ifndef SYM_TOOLS_SYM_COMPILE_KERNELS_H
#define SYM_TOOLS_SYM_COMPILE_KERNELS_H

#include "sym/Target/Device.h"
#include "sym/Target/Frontend.h"

namespace mlir::sym {

/// The options about kernels.
struct DeviceArguments {
  std::string chip = "sm_80";
  bool report = false;
  bool checkAccesses = false;
};

/// Lowers `source` up to the stage device and compiles its kernels.
llvm::Expected<DeviceCode> compileKernels(Source &source,
                                          const PipelineOptions &options,
                                          const DeviceArguments &arguments);

} // namespace mlir::sym

#endif // SYM_TOOLS_SYM_COMPILE_KERNELS_H
