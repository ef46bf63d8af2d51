//===- Target.cpp - LLVM IR for one CPU -----------------------------------===//

#include "sym/Target/Target.h"

#include "sym/Dialect/Sym/IR/Sym.h"

#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Metadata.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/Transforms/Instrumentation/ThreadSanitizer.h"
#include "llvm/Transforms/Scalar/ScalarizeMaskedMemIntrin.h"
#include "llvm/Transforms/Scalar/Scalarizer.h"

using namespace mlir;
using namespace mlir::sym;

Target::Target(std::unique_ptr<llvm::TargetMachine> machine)
    : machine(std::move(machine)) {}

Target::~Target() = default;

llvm::Expected<std::unique_ptr<Target>>
Target::create(StringRef cpu, llvm::CodeGenOptLevel level) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();

  llvm::Triple triple(llvm::sys::getDefaultTargetTriple());
  std::string error;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return llvm::createStringError(error);

  std::string name = cpu.str(), features;
  if (cpu == "native") {
    name = llvm::sys::getHostCPUName();
    // The name alone is not enough: a virtual machine may hide features.
    for (const auto &feature : llvm::sys::getHostCPUFeatures()) {
      if (!features.empty())
        features += ',';
      features += feature.second ? '+' : '-';
      features += feature.first();
    }
  } else {
    std::unique_ptr<llvm::MCSubtargetInfo> info(
        target->createMCSubtargetInfo(triple, "", ""));
    if (!info || !info->isCPUStringValid(name))
      return llvm::createStringError("unknown CPU '" + name + "' for " +
                                     triple.str());
  }

  // No fast mathematics anywhere. Fusing is left at the default, which fuses
  // llvm.fmuladd alone: what an operation computes does not depend on its
  // neighbours (T9).
  llvm::TargetOptions options;
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
      triple, name, features, options, llvm::Reloc::PIC_, std::nullopt, level));
  if (!machine)
    return llvm::createStringError("cannot generate code for " + triple.str());
  return std::unique_ptr<Target>(new Target(std::move(machine)));
}

/// Whether `instruction` accesses the buffer of a relaxed variable.
static bool isRelaxedAccess(const llvm::Instruction &instruction) {
  const llvm::MDNode *scopes =
      instruction.getMetadata(llvm::LLVMContext::MD_alias_scope);
  return scopes && llvm::any_of(scopes->operands(), [](const auto &scope) {
           auto *node = dyn_cast_or_null<llvm::MDNode>(scope.get());
           return node && llvm::AliasScopeNode(node).getName() ==
                              SymDialect::kRelaxedAttrName;
         });
}

/// Instruments `module` for ThreadSanitizer.
static void instrument(llvm::Module &module,
                       llvm::FunctionAnalysisManager &functions,
                       llvm::ModuleAnalysisManager &modules) {
  // It passes over accesses that are wider than 16 bytes.
  llvm::ScalarizerPassOptions scalarizer;
  scalarizer.ScalarizeLoadStore = true;
  llvm::FunctionPassManager scalarize;
  scalarize.addPass(llvm::ScalarizeMaskedMemIntrinPass());
  scalarize.addPass(llvm::ScalarizerPass(scalarizer));
  for (llvm::Function &function : module) {
    if (function.isDeclaration())
      continue;
    scalarize.run(function, functions);
    for (llvm::Instruction &instruction : llvm::instructions(function))
      if (isRelaxedAccess(instruction))
        instruction.setMetadata(llvm::LLVMContext::MD_nosanitize,
                                llvm::MDNode::get(module.getContext(), {}));
  }
  modules.clear();
  functions.clear();
  llvm::ModulePassManager sanitize;
  sanitize.addPass(llvm::ModuleThreadSanitizerPass());
  sanitize.addPass(
      llvm::createModuleToFunctionPassAdaptor(llvm::ThreadSanitizerPass()));
  sanitize.run(module, modules);
}

llvm::Expected<std::unique_ptr<llvm::Module>>
Target::translate(ModuleOp op, llvm::LLVMContext &context) {
  std::unique_ptr<llvm::Module> module =
      translateModuleToLLVMIR(op, context, "sym", /*disableVerification=*/true);
  if (!module)
    return llvm::createStringError("the module does not translate to LLVM IR");
  if (llvm::Error error = optimize(*module))
    return error;
  return module;
}

llvm::Error Target::optimize(llvm::Module &module) {
  module.setTargetTriple(machine->getTargetTriple());
  module.setDataLayout(machine->createDataLayout());
  module.setPICLevel(llvm::PICLevel::BigPIC);
  for (llvm::Function &function : module) {
    if (function.isDeclaration())
      continue;
    if (sanitizeThread)
      function.addFnAttr(llvm::Attribute::SanitizeThread);
    function.addFnAttr("target-cpu", machine->getTargetCPU());
    if (!machine->getTargetFeatureString().empty())
      function.addFnAttr("target-features", machine->getTargetFeatureString());
  }
  std::string problem;
  llvm::raw_string_ostream os(problem);
  if (llvm::verifyModule(module, &os))
    return llvm::createStringError("generated LLVM IR is invalid: " + problem);

  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = !sanitizeThread;
  tuning.SLPVectorization = !sanitizeThread;
  tuning.LoopInterleaving = true;
  // Unrolling behind the vectoriser (which interleaves) takes half of the time
  // to compile; what gains from it is unrolled when it is made.
  tuning.LoopUnrolling = false;
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager callGraph;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(machine.get(), tuning);
  // No vector library: which routine computes a function is decided in the IR.
  functions.registerPass([&] {
    return llvm::TargetLibraryAnalysis(
        llvm::TargetLibraryInfoImpl(machine->getTargetTriple()));
  });
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(callGraph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, callGraph, modules);
  llvm::ModulePassManager passes =
      builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2);
  passes.run(module, modules);
  if (sanitizeThread)
    instrument(module, functions, modules);
  return llvm::Error::success();
}

llvm::Error Target::emit(llvm::Module &module, llvm::raw_pwrite_stream &os,
                         llvm::CodeGenFileType type) {
  llvm::legacy::PassManager passes;
  if (machine->addPassesToEmitFile(passes, os, nullptr, type))
    return llvm::createStringError("cannot write this kind of file for " +
                                   machine->getTargetTriple().str());
  passes.run(module);
  return llvm::Error::success();
}

llvm::SmallVector<NeededLibrary>
mlir::sym::getNeededLibraries(const llvm::Module &module) {
  bool blas = false, openmp = false, vectorMath = false;
  for (const llvm::Function &function : module) {
    if (!function.isDeclaration())
      continue;
    StringRef name = function.getName();
    blas |= name.starts_with("cblas_");
    openmp |= name.starts_with("__kmpc_") || name.starts_with("omp_");
    vectorMath |= name.starts_with("_ZGV");
  }
  llvm::SmallVector<NeededLibrary> libraries;
  if (blas)
    libraries.push_back({"large matrix products",
                         {"libopenblas.so.0", "libopenblas.so"},
                         "-lopenblas"});
  if (openmp)
    libraries.push_back(
        {"parallel loops", {"libomp.so.5", "libomp.so"}, "-lomp"});
  if (vectorMath)
    libraries.push_back({"mathematics on vectors", {"libmvec.so.1"}, "-lmvec"});
  return libraries;
}
