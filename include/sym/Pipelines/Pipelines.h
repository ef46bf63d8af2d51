//===- Pipelines.h - The named stages of the compiler ------*- C++ -*-===//
//
// docs/pipelines.md states what each stage receives and leaves. A stage ends
// with a verifier whose message names it.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_PIPELINES_PIPELINES_H
#define SYM_PIPELINES_PIPELINES_H

#include "mlir/Pass/PassOptions.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <optional>

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace mlir::sym {

/// The stages, in order.
enum class Stage {
  Resolve,
  Functionalize,
  Checks,
  Linalg,
  Buffers,
  Device,
  Host
};

/// "resolve", "functionalize", …
llvm::StringRef stringifyStage(Stage stage);
std::optional<Stage> symbolizeStage(llvm::StringRef name);
llvm::ArrayRef<Stage> getStages();

/// Options of the pipeline `sym-to-llvm`; the drivers fill them from their
/// flags. Every stage takes the part that it needs.
struct PipelineOptions : public PassPipelineOptions<PipelineOptions> {
  Option<std::string> untilAfter{
      *this, "until-after",
      llvm::cl::desc("Stop after this stage: resolve, functionalize, checks, "
                     "linalg, buffers, device or host"),
      llvm::cl::init("host")};
  Option<std::string> cpu{
      *this, "cpu",
      llvm::cl::desc("Target CPU; 'native' is the machine that compiles"),
      llvm::cl::init("native")};
  Option<std::string> math{
      *this, "math",
      llvm::cl::desc("Mathematical functions: 'libmvec' calls vector versions "
                     "(at most 4 ULP), 'libm' scalar ones"),
      llvm::cl::init("libmvec")};
  Option<bool> forceCopies{
      *this, "force-copies",
      llvm::cl::desc("Never update in place (for testing)"),
      llvm::cl::init(false)};
  Option<bool> reportBuffers{
      *this, "report-buffers",
      llvm::cl::desc("Remark for each function which updates are in place, and "
                     "what is copied"),
      llvm::cl::init(false)};
  Option<bool> checkBorrows{
      *this, "check-borrows",
      llvm::cl::desc("Refuse host programs that borrow unsoundly; without it "
                     "memory debugging finds them as they run (for testing)"),
      llvm::cl::init(true)};
  Option<bool> parallel{
      *this, "parallel",
      llvm::cl::desc("Run large loops on several threads with OpenMP"),
      llvm::cl::init(true)};
  Option<int64_t> parallelWork{
      *this, "parallel-work",
      llvm::cl::desc("Simple operations from which a loop runs on several "
                     "threads; 1 cuts as finely as can be (for testing)"),
      llvm::cl::init(1 << 19)};
  Option<bool> blas{*this, "blas",
                    llvm::cl::desc("Compute large contractions with CBLAS"),
                    llvm::cl::init(true)};
  Option<std::string> target{
      *this, "target",
      llvm::cl::desc("What functions run on: 'host', or 'cuda', where the "
                     "stage device makes kernels"),
      llvm::cl::init("host")};
  Option<int64_t> device{
      *this, "device",
      llvm::cl::desc("The CUDA device of variables that name no space"),
      llvm::cl::init(0)};
  Option<std::string> chips{
      *this, "chips",
      llvm::cl::desc("What kernels are compiled to, with commas between: an "
                     "architecture such as sm_90, 'ptx', or 'sim' for the "
                     "simulated driver"),
      llvm::cl::init("sm_80,sm_90,ptx")};
  Option<std::string> cudaToolkit{
      *this, "cuda-toolkit",
      llvm::cl::desc("The CUDA toolkit; empty: the one found when sym was "
                     "built"),
      llvm::cl::init("")};
};

void buildResolveStage(OpPassManager &pm, const PipelineOptions &options);
void buildFunctionalizeStage(OpPassManager &pm, const PipelineOptions &options);
void buildChecksStage(OpPassManager &pm, const PipelineOptions &options);
void buildLinalgStage(OpPassManager &pm, const PipelineOptions &options);
void buildBuffersStage(OpPassManager &pm, const PipelineOptions &options);
void buildHostStage(OpPassManager &pm, const PipelineOptions &options);

/// The stage device: structured operations on buffers become kernels in a
/// gpu.module, and launches. Nothing unless the target is 'cuda'.
void buildDeviceStage(OpPassManager &pm, const PipelineOptions &options);

/// The stage device but for its end: kernels are not compiled yet.
void buildDeviceKernels(OpPassManager &pm, const PipelineOptions &options);

/// All stages up to `device`, whose kernels are not compiled.
void buildUntilDevice(OpPassManager &pm, const PipelineOptions &options);

/// The first half of the stage host: structured operations on buffers become
/// loops, vectors and calls. Leaves memref, vector, scf, omp, arith, the math
/// operations that are LLVM intrinsics, and calls of declared functions.
void buildHostLoops(OpPassManager &pm, const PipelineOptions &options);

/// The stage host in parts, for what is compiled just in time. The first one
/// runs behind the stage buffers and gives every variant a nested module, a
/// unit. The second one lowers the module that is left, once the units have
/// been taken out of it, and the third one a unit, at any time.
void buildOutlineUnits(OpPassManager &pm);
void buildHostProgram(OpPassManager &pm, const PipelineOptions &options);
void buildHostUnit(OpPassManager &pm, const PipelineOptions &options);

/// All stages up to and including `options.untilAfter`.
void buildSymToLLVMPipeline(OpPassManager &pm, const PipelineOptions &options);

/// Registers `sym-to-llvm` and one pipeline per stage, `sym-stage-<name>`.
void registerSymPipelines();

} // namespace mlir::sym

#endif // SYM_PIPELINES_PIPELINES_H
