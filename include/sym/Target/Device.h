//===- Device.h - From kernels to code for a GPU ---------------*- C++ -*-===//
//
// A gpu.module that the pipeline `sym-kernels-to-nvvm` has lowered becomes
// LLVM IR for one architecture, with NVIDIA's library of mathematical functions
// linked in, and that PTX, a cubin, or code for the host that the simulated
// driver runs.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_TARGET_DEVICE_H
#define SYM_TARGET_DEVICE_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>

namespace mlir::sym {

class Target;

/// Registers the dialects and translations that kernels need beyond those of
/// registerProgramDialects.
void registerDeviceDialects(DialectRegistry &registry);

/// The folder of the CUDA toolkit: `wanted`, or the one found when sym was
/// built. An error if it lacks what kernels are compiled with.
llvm::Expected<std::string> findCUDAToolkit(llvm::StringRef wanted);

/// The kernels of a module, lowered and compiled for one architecture. Not
/// thread-safe.
class DeviceCode {
public:
  /// `chip` is an architecture such as "sm_90"; `toolkit` a folder that
  /// findCUDAToolkit returned. What is wrong with the kernels goes to the
  /// diagnostics of the context too.
  static llvm::Expected<DeviceCode> create(gpu::GPUModuleOp kernels,
                                           llvm::StringRef chip,
                                           llvm::StringRef toolkit);

  /// PTX text.
  llvm::Expected<std::string> emitPTX();

  /// A cubin, made of `emitPTX()` by the toolkit's assembler. `report`, unless
  /// null, receives what it says of registers, spills and shared memory.
  llvm::Expected<std::string> emitCubin(std::string *report = nullptr);

  /// The same IR as code for this machine, which defines `sym_sim_image_v1` of
  /// sym/Runtime/sim_abi.h. With `instrument` every access to memory asks the
  /// driver. Consumes the kernels.
  llvm::Expected<std::unique_ptr<llvm::Module>> takeImage(bool instrument);

  /// Such an image, linked: the bytes of a shared object for `target`, which is
  /// this machine.
  llvm::Expected<std::string> emitImage(Target &target, bool instrument);

  llvm::LLVMContext &getContext() { return *context; }

private:
  DeviceCode() = default;

  std::string chip;
  std::string toolkit;
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> module;
};

/// Turns `module`, kernels for NVPTX, into an image for the simulated driver
/// (see DeviceCode::takeImage) that stands for architecture `arch`, 90 for
/// sm_90. An error names an intrinsic that the simulator does not know.
llvm::Error makeSimulatedImage(llvm::Module &module, unsigned arch,
                               bool instrument);

} // namespace mlir::sym

#endif // SYM_TARGET_DEVICE_H
