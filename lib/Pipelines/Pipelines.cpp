//===- Pipelines.cpp - The named stages of the compiler ---------------===//

#include "sym/Pipelines/Pipelines.h"
#include "sym/Codegen/Device/Passes.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;
using namespace mlir::sym;

namespace {
struct StageInfo {
  Stage stage;
  StringRef name;
  StringRef summary;
  void (*build)(OpPassManager &, const PipelineOptions &);
};
} // namespace

static const StageInfo kStages[] = {
    {Stage::Resolve, "resolve",
     "Inline expressions, apply givens, check borrows", buildResolveStage},
    {Stage::Functionalize, "functionalize",
     "Turn functions over state into pure functions and a table",
     buildFunctionalizeStage},
    {Stage::Checks, "checks", "Guard every undefined case with a sym.check",
     buildChecksStage},
    {Stage::Linalg, "linalg",
     "Turn tensor arithmetic into fused structured operations",
     buildLinalgStage},
    {Stage::Buffers, "buffers",
     "Choose buffers: in place, out of place, moved; plan memory",
     buildBuffersStage},
    {Stage::Device, "device", "Turn structured operations into kernels",
     buildDeviceStage},
    {Stage::Host, "host", "Lower to the LLVM dialect for this CPU",
     buildHostStage},
};

StringRef mlir::sym::stringifyStage(Stage stage) {
  return kStages[static_cast<size_t>(stage)].name;
}

std::optional<Stage> mlir::sym::symbolizeStage(StringRef name) {
  for (const StageInfo &info : kStages)
    if (info.name == name)
      return info.stage;
  return std::nullopt;
}

ArrayRef<Stage> mlir::sym::getStages() {
  static const Stage stages[] = {
      Stage::Resolve, Stage::Functionalize, Stage::Checks, Stage::Linalg,
      Stage::Buffers, Stage::Device,        Stage::Host};
  return stages;
}

void mlir::sym::buildSymToLLVMPipeline(OpPassManager &pm,
                                       const PipelineOptions &options) {
  for (const StageInfo &info : kStages) {
    info.build(pm, options);
    if (info.name == options.untilAfter)
      return;
  }
}

void mlir::sym::registerSymPipelines() {
  PassPipelineRegistration<PipelineOptions>(
      "sym-to-llvm", "Compile a module with sym state to the LLVM dialect",
      buildSymToLLVMPipeline);
  PassPipelineRegistration<PipelineOptions>(
      "sym-host-loops",
      "The first half of the stage host: loops, vectors, libraries",
      buildHostLoops);
  PassPipelineRegistration<PipelineOptions>(
      "sym-device-kernels",
      "The stage device but for its end: kernels are not compiled",
      buildDeviceKernels);
  PassPipelineRegistration<>("sym-kernels-to-nvvm",
                             "Lower kernels to the NVVM and LLVM dialects",
                             buildKernelsToNVVM);
  for (const StageInfo &info : kStages)
    PassPipelineRegistration<PipelineOptions>(("sym-stage-" + info.name).str(),
                                              info.summary, info.build);
}
