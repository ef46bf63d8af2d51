//===- Kernels.h - The kernels of a program --------------------*- C++ -*-===//

#ifndef SYM_TOOLS_SYM_COMPILE_KERNELS_H
#define SYM_TOOLS_SYM_COMPILE_KERNELS_H

#include "sym/Target/Device.h"
#include "sym/Target/Frontend.h"

#include <optional>

namespace mlir::sym {

/// The options about kernels.
struct DeviceArguments {
  std::string chip = "sm_80";
  bool report = false;
  bool checkAccesses = false;
  /// A library that defines sym_kernel_launch. If given, functions compute by
  /// kernels for the simulated GPU, in the memory of the host (for testing).
  std::string launcher;
};

/// Lowers `source` up to the stage device and compiles its kernels.
llvm::Expected<DeviceCode> compileKernels(Source &source,
                                          const PipelineOptions &options,
                                          const DeviceArguments &arguments);

/// Lowers `source` to the LLVM dialect, with launches in the place of what
/// became kernels, and compiles those; nothing if there are none.
llvm::Expected<std::optional<DeviceCode>>
compileWithKernels(Source &source, const PipelineOptions &options,
                   const DeviceArguments &arguments);

} // namespace mlir::sym

#endif // SYM_TOOLS_SYM_COMPILE_KERNELS_H
