//===- JIT.cpp - Programs compiled in process -----------------------------===//

#include "JITImpl.h"

#include "sym/Runtime/abi.h"

#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/CompileUtils.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace mlir::sym;

JIT::JIT(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}

JIT::~JIT() = default;

JIT::Impl::~Impl() = default;

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
  add("sym_rt_result_from_source", &sym_rt_result_from_source);
  add("sym_rt_arena", &sym_rt_arena);
  add("sym_rt_alloc", &sym_rt_alloc);
  add("sym_rt_free", &sym_rt_free);
  add("sym_rt_fail", &sym_rt_fail);
  add("sym_rt_call", &sym_rt_call);
  add("sym_rt_call_device", &sym_rt_call_device);
  add("sym_rt_fetch", &sym_rt_fetch);
  add("sym_rt_drop", &sym_rt_drop);
  add("sym_rt_get_value", &sym_rt_get_value);
  add("sym_rt_set_value", &sym_rt_set_value);
  add("sym_rt_borrow", &sym_rt_borrow);
  add("sym_rt_release", &sym_rt_release);
  add("sym_rt_check_stack", &sym_rt_check_stack);
  add("sym_rt_print", &sym_rt_print);
#ifdef SYM_HAVE_DEVICE
  add("sym_rt_devices", &sym_rt_devices);
  add("sym_rt_device_arena", &sym_rt_device_arena);
  add("sym_rt_device_alloc", &sym_rt_device_alloc);
  add("sym_rt_device_free", &sym_rt_device_free);
  add("sym_rt_device_constant", &sym_rt_device_constant);
  add("sym_rt_launch", &sym_rt_launch);
  add("sym_rt_copy_on_device", &sym_rt_copy_on_device);
  add("sym_rt_copy_to_device", &sym_rt_copy_to_device);
  add("sym_rt_fill_device", &sym_rt_fill_device);
  add("sym_rt_copy_to_host", &sym_rt_copy_to_host);
  add("sym_rt_product", &sym_rt_product);
#endif
  return symbols;
}

llvm::Error JIT::Impl::openLibrary(const NeededLibrary &library) {
  char prefix = jit->getDataLayout().getGlobalPrefix();
  std::string problems;
  for (StringRef file : library.files) {
    if (opened.contains(file))
      return llvm::Error::success();
    auto generator = llvm::orc::DynamicLibrarySearchGenerator::Load(
        file.str().c_str(), prefix);
    if (generator) {
      jit->getMainJITDylib().addGenerator(std::move(*generator));
      opened.insert(file);
      return llvm::Error::success();
    }
    problems += "; " + llvm::toString(generator.takeError());
  }
  return llvm::createStringError("cannot open the library for " +
                                 library.purpose + problems);
}

llvm::Error JIT::Impl::openLibraries(const llvm::Module &module) {
  for (const NeededLibrary &library : getNeededLibraries(module))
    if (llvm::Error error = openLibrary(library))
      return error;
  return llvm::Error::success();
}

llvm::Error JIT::Impl::start(Target &target) {
  llvm::TargetMachine &machine = target.getMachine();
  llvm::orc::JITTargetMachineBuilder machineBuilder(machine.getTargetTriple());
  machineBuilder.setCPU(machine.getTargetCPU().str());
  machineBuilder.setFeatures(machine.getTargetFeatureString());
  machineBuilder.setRelocationModel(llvm::Reloc::PIC_);
  machineBuilder.setCodeGenOptLevel(machine.getOptLevel());
  machineBuilder.setOptions(machine.Options);

  // Compiles with the machine at hand instead of building another one.
  auto created =
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
  if (!created)
    return created.takeError();
  jit = std::move(*created);
  return jit->getMainJITDylib().define(
      llvm::orc::absoluteSymbols(getRuntimeSymbols(*jit)));
}

llvm::Expected<const sym_program *>
JIT::Impl::link(std::unique_ptr<llvm::Module> module,
                std::unique_ptr<llvm::LLVMContext> context,
                StringRef descriptor) {
  if (llvm::Error error = openLibraries(*module))
    return std::move(error);
  if (llvm::Error error = jit->addIRModule(
          llvm::orc::ThreadSafeModule(std::move(module), std::move(context))))
    return std::move(error);
  auto address = jit->lookup(descriptor);
  if (!address)
    return address.takeError();
  return address->toPtr<const sym_program *>();
}

llvm::Expected<std::unique_ptr<JIT>>
JIT::create(Target &target, std::unique_ptr<llvm::Module> module,
            std::unique_ptr<llvm::LLVMContext> context, StringRef descriptor) {
  auto impl = std::make_unique<Impl>();
  if (llvm::Error error = impl->start(target))
    return std::move(error);
  auto program = impl->link(std::move(module), std::move(context), descriptor);
  if (!program)
    return program.takeError();
  std::unique_ptr<JIT> result(new JIT(std::move(impl)));
  result->program = *program;
  return result;
}
