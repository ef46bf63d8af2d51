//===- JIT.cpp - Programs compiled in process -----------------------------===//

#include "sym/Target/Target.h"

#include "sym/Runtime/abi.h"

#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/CompileUtils.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/DynamicLibrary.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace mlir::sym;

struct JIT::Impl {
  std::unique_ptr<llvm::orc::LLJIT> jit;
};

JIT::JIT(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}

JIT::~JIT() = default;

/// The runtime is a part of this process, whether its symbols are exported or
/// not.
static llvm::orc::SymbolMap getRuntimeSymbols(llvm::orc::LLJIT &jit) {
  llvm::orc::SymbolMap symbols;
  auto add = [&](StringRef name, auto *function) {
    symbols[jit.mangleAndIntern(name)] = {
        llvm::orc::ExecutorAddr::fromPtr(function),
        llvm::JITSymbolFlags::Exported | llvm::JITSymbolFlags::Callable};
  };
  add("sym_rt_result", &sym_rt_result);
  add("sym_rt_arena", &sym_rt_arena);
  add("sym_rt_alloc", &sym_rt_alloc);
  add("sym_rt_free", &sym_rt_free);
  add("sym_rt_fail", &sym_rt_fail);
  add("sym_rt_call", &sym_rt_call);
  add("sym_rt_get_value", &sym_rt_get_value);
  add("sym_rt_set_value", &sym_rt_set_value);
  add("sym_rt_borrow", &sym_rt_borrow);
  add("sym_rt_release", &sym_rt_release);
  add("sym_rt_print", &sym_rt_print);
  return symbols;
}

/// Makes the symbols of `library` known to `jit`.
static llvm::Error openLibrary(const NeededLibrary &library,
                               llvm::orc::LLJIT &jit) {
  char prefix = jit.getDataLayout().getGlobalPrefix();
  std::string problems;
  for (StringRef file : library.files) {
    auto generator = llvm::orc::DynamicLibrarySearchGenerator::Load(
        file.str().c_str(), prefix);
    if (generator) {
      jit.getMainJITDylib().addGenerator(std::move(*generator));
      return llvm::Error::success();
    }
    problems += "; " + llvm::toString(generator.takeError());
  }
  return llvm::createStringError("cannot open the library for " +
                                 library.purpose + problems);
}

llvm::Expected<std::unique_ptr<JIT>>
JIT::create(Target &target, std::unique_ptr<llvm::Module> module,
            std::unique_ptr<llvm::LLVMContext> context, StringRef descriptor) {
  llvm::TargetMachine &machine = target.getMachine();
  llvm::orc::JITTargetMachineBuilder machineBuilder(machine.getTargetTriple());
  machineBuilder.setCPU(machine.getTargetCPU().str());
  machineBuilder.setFeatures(machine.getTargetFeatureString());
  machineBuilder.setRelocationModel(llvm::Reloc::PIC_);
  machineBuilder.setCodeGenOptLevel(machine.getOptLevel());
  machineBuilder.setOptions(machine.Options);

  // Compiles with the machine at hand instead of building another one.
  auto jit =
      llvm::orc::LLJITBuilder()
          .setJITTargetMachineBuilder(std::move(machineBuilder))
          .setDataLayout(machine.createDataLayout())
          .setCompileFunctionCreator(
              [&](llvm::orc::JITTargetMachineBuilder)
                  -> llvm::Expected<
                      std::unique_ptr<llvm::orc::IRCompileLayer::IRCompiler>> {
                return std::make_unique<llvm::orc::SimpleCompiler>(machine);
              })
          .create();
  if (!jit)
    return jit.takeError();

  llvm::orc::JITDylib &dylib = (*jit)->getMainJITDylib();
  if (llvm::Error error =
          dylib.define(llvm::orc::absoluteSymbols(getRuntimeSymbols(**jit))))
    return std::move(error);
  for (const NeededLibrary &library : getNeededLibraries(*module))
    if (llvm::Error error = openLibrary(library, **jit))
      return std::move(error);
  if (llvm::Error error = (*jit)->addIRModule(
          llvm::orc::ThreadSafeModule(std::move(module), std::move(context))))
    return std::move(error);
  auto address = (*jit)->lookup(descriptor);
  if (!address)
    return address.takeError();

  auto impl = std::make_unique<Impl>();
  impl->jit = std::move(*jit);
  std::unique_ptr<JIT> result(new JIT(std::move(impl)));
  result->program = address->toPtr<const sym_program *>();
  return result;
}
