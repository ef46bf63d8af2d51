//===- JITImpl.h - What both ways to compile in process share --*- C++ -*-===//

#ifndef SYM_LIB_TARGET_JITIMPL_H
#define SYM_LIB_TARGET_JITIMPL_H

#include "sym/Target/Target.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"

namespace mlir::sym {

class JIT::Impl {
public:
  virtual ~Impl();

  /// Makes an empty program that knows the runtime.
  llvm::Error start(Target &target);
  /// Adds `module` and compiles it, for its descriptor.
  llvm::Expected<const sym_program *>
  link(std::unique_ptr<llvm::Module> module,
       std::unique_ptr<llvm::LLVMContext> context, StringRef descriptor);
  /// Opens what `module` calls and no module before it did.
  llvm::Error openLibraries(const llvm::Module &module);

protected:
  std::unique_ptr<llvm::orc::LLJIT> jit;

private:
  llvm::Error openLibrary(const NeededLibrary &library);
  llvm::StringSet<> opened;
};

} // namespace mlir::sym

#endif // SYM_LIB_TARGET_JITIMPL_H
