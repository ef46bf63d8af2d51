//===- LazyJIT.cpp - Variants compiled when they are first called ---------===//
//
// A program holds more variants than a run of it calls: the one that copies is
// wanted only where a buffer is pinned. The descriptor names stubs; the first
// call of one lowers and compiles its unit, and then the stub jumps there.
//
//===----------------------------------------------------------------------===//

#include "JITImpl.h"

#include "sym/Conversion/Names.h"
#include "sym/Pipelines/Pipelines.h"
#include "sym/Runtime/abi.h"

#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ExecutionEngine/Orc/IndirectionUtils.h"
#include "llvm/ExecutionEngine/Orc/LazyReexports.h"
#include "llvm/Target/TargetMachine.h"

#include <mutex>

using namespace mlir;
using namespace mlir::sym;

/// Takes the place of a variant that could not be compiled (T4).
static int32_t failUncompiled(sym_frame *frame) {
  static const sym_check_site site = {
      SYM_LIBRARY_ERROR, 0, nullptr,
      "the function could not be compiled; the diagnostics say why", ""};
  return sym_rt_fail(frame, &site, nullptr);
}

/// The symbol that the unit `module` defines.
static StringRef getVariantName(ModuleOp module) {
  return module.getSymName()->drop_back(kUnitSuffix.size());
}

namespace {
class LazyImpl : public JIT::Impl {
public:
  LazyImpl(Target &target, MLIRContext *context, const PipelineOptions &options,
           std::function<void(StringRef)> compiled)
      : target(target), units(context), compiled(std::move(compiled)) {
    buildHostUnit(units, options);
  }

  /// Makes stubs of the functions that `modules` define.
  llvm::Error addUnits(std::vector<OwningOpRef<ModuleOp>> modules);
  /// Lowers one of them to machine code for `responsibility`.
  void
  compile(OwningOpRef<ModuleOp> module,
          std::unique_ptr<llvm::orc::MaterializationResponsibility> request);

private:
  /// Explains a failure in the diagnostics.
  FailureOr<llvm::orc::ThreadSafeModule> translate(ModuleOp module);

  Target &target;
  /// Built once: its patterns cost as much as lowering a small unit.
  PassManager units;
  std::function<void(StringRef)> compiled;
  /// One unit at a time: neither the target nor the context takes two.
  std::mutex mutex;
  // They hold names of the session, which the base owns.
  std::unique_ptr<llvm::orc::LazyCallThroughManager> callThrough;
  std::unique_ptr<llvm::orc::IndirectStubsManager> stubs;
};

/// A variant that is compiled when its address is asked for.
class Unit : public llvm::orc::MaterializationUnit {
public:
  Unit(LazyImpl &jit, OwningOpRef<ModuleOp> module,
       const llvm::orc::SymbolStringPtr &symbol, llvm::JITSymbolFlags flags)
      : MaterializationUnit(Interface({{symbol, flags}}, nullptr)), jit(jit),
        module(std::move(module)) {}

  StringRef getName() const override { return "variant"; }

private:
  void materialize(std::unique_ptr<llvm::orc::MaterializationResponsibility>
                       request) override {
    jit.compile(std::move(module), std::move(request));
  }
  // The one definition there is.
  void discard(const llvm::orc::JITDylib &,
               const llvm::orc::SymbolStringPtr &) override {}

  LazyImpl &jit;
  OwningOpRef<ModuleOp> module;
};
} // namespace

FailureOr<llvm::orc::ThreadSafeModule> LazyImpl::translate(ModuleOp module) {
  if (failed(units.run(module)))
    return failure();
  auto context = std::make_unique<llvm::LLVMContext>();
  auto translated = target.translate(module, *context);
  if (!translated)
    return module.emitError() << llvm::toString(translated.takeError());
  if (llvm::Error error = openLibraries(**translated))
    return module.emitError() << llvm::toString(std::move(error));
  return llvm::orc::ThreadSafeModule(std::move(*translated),
                                     std::move(context));
}

void LazyImpl::compile(
    OwningOpRef<ModuleOp> module,
    std::unique_ptr<llvm::orc::MaterializationResponsibility> request) {
  std::lock_guard<std::mutex> lock(mutex);
  std::string name = getOriginalName(getVariantName(*module)).str();
  FailureOr<llvm::orc::ThreadSafeModule> translated = translate(*module);
  module = {};
  if (failed(translated))
    return request->failMaterialization();
  jit->getIRCompileLayer().emit(std::move(request), std::move(*translated));
  compiled(name);
}

llvm::Error LazyImpl::addUnits(std::vector<OwningOpRef<ModuleOp>> modules) {
  llvm::orc::ExecutionSession &session = jit->getExecutionSession();
  // That a variant was not compiled has been said, with its reason.
  session.setErrorReporter([](llvm::Error error) {
    llvm::handleAllErrors(
        std::move(error), [](const llvm::orc::FailedToMaterialize &) {},
        [](const llvm::ErrorInfoBase &info) {
          llvm::errs() << "error: " << info.message() << "\n";
        });
  });
  const llvm::Triple &triple = target.getMachine().getTargetTriple();
  auto manager = llvm::orc::createLocalLazyCallThroughManager(
      triple, session, llvm::orc::ExecutorAddr::fromPtr(&failUncompiled));
  if (!manager)
    return manager.takeError();
  callThrough = std::move(*manager);
  stubs = llvm::orc::createLocalIndirectStubsManagerBuilder(triple)();

  // The same names as the stubs, hence in a library of their own.
  auto library = jit->createJITDylib("variants");
  if (!library)
    return library.takeError();
  library->addToLinkOrder(jit->getMainJITDylib());
  llvm::orc::SymbolAliasMap aliases;
  auto flags = llvm::JITSymbolFlags::Exported | llvm::JITSymbolFlags::Callable;
  for (OwningOpRef<ModuleOp> &module : modules) {
    auto symbol = jit->mangleAndIntern(getVariantName(*module));
    aliases[symbol] = llvm::orc::SymbolAliasMapEntry(symbol, flags);
    if (llvm::Error error = library->define(
            std::make_unique<Unit>(*this, std::move(module), symbol, flags)))
      return error;
  }
  if (aliases.empty())
    return llvm::Error::success();
  return jit->getMainJITDylib().define(llvm::orc::lazyReexports(
      *callThrough, *stubs, *library, std::move(aliases)));
}

llvm::Expected<std::unique_ptr<JIT>>
JIT::createLazy(Target &target, ModuleOp module, const PipelineOptions &options,
                std::function<void(StringRef)> compiled) {
  PassManager outline(module.getContext());
  buildOutlineUnits(outline);
  PassManager program(module.getContext());
  buildHostProgram(program, options);
  auto failure = [] { return llvm::createStringError("lowering failed"); };
  if (failed(outline.run(module)))
    return failure();
  std::vector<OwningOpRef<ModuleOp>> units;
  for (auto unit : llvm::make_early_inc_range(module.getOps<ModuleOp>())) {
    unit->remove();
    units.emplace_back(unit);
  }
  if (failed(program.run(module)))
    return failure();

  auto context = std::make_unique<llvm::LLVMContext>();
  auto translated = target.translate(module, *context);
  if (!translated)
    return translated.takeError();
  auto impl = std::make_unique<LazyImpl>(target, module.getContext(), options,
                                         std::move(compiled));
  if (llvm::Error error = impl->start(target))
    return std::move(error);
  if (llvm::Error error = impl->addUnits(std::move(units)))
    return std::move(error);
  auto descriptor = impl->link(std::move(*translated), std::move(context),
                               getDescriptorSymbol(module));
  if (!descriptor)
    return descriptor.takeError();
  std::unique_ptr<JIT> result(new JIT(std::move(impl)));
  result->program = *descriptor;
  return result;
}
