//===- Target.h - From the LLVM dialect to machine code --------*- C++ -*-===//
//
// A Target stands for one CPU. It turns a module that the pipeline
// `sym-to-llvm` has lowered into optimised LLVM IR, and that into an object or,
// in process, into a program that the runtime can create instances of.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_TARGET_TARGET_H
#define SYM_TARGET_TARGET_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectRegistry.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/CodeGen.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <functional>
#include <memory>

struct sym_program;

namespace llvm {
class TargetMachine;
} // namespace llvm

namespace mlir::sym {

struct PipelineOptions;

/// Registers the dialects that a program may use, with the external models and
/// the translations that the way to machine code needs. Registers no more than
/// that, since the start of `sym-runner` waits for it.
void registerProgramDialects(DialectRegistry &registry);

/// Runs the pipeline `sym-to-llvm` on a parsed module, up to the stage in
/// `options`. A module without a symbol name is called `name`. Errors go to
/// the diagnostics of the context.
LogicalResult runPipeline(ModuleOp module, StringRef name,
                          const PipelineOptions &options);

/// The name for a module that comes from the file `path`: its stem, or "main"
/// for standard input.
std::string getProgramName(StringRef path);

/// The symbol of the descriptor of a module that has been lowered.
std::string getDescriptorSymbol(ModuleOp module);

/// One CPU of this machine's architecture. Not thread-safe.
class Target {
public:
  /// `cpu` is a name that LLVM knows, such as "x86-64-v3", or "native".
  static llvm::Expected<std::unique_ptr<Target>>
  create(StringRef cpu,
         llvm::CodeGenOptLevel level = llvm::CodeGenOptLevel::Default);
  ~Target();

  /// Makes `translate` instrument the code for ThreadSanitizer: every access to
  /// memory but those to buffers of relaxed variables, where races are part of
  /// the contract (T7).
  void setSanitizeThread(bool enable) { sanitizeThread = enable; }

  /// LLVM IR of a lowered module, for this CPU and optimised.
  llvm::Expected<std::unique_ptr<llvm::Module>>
  translate(ModuleOp module, llvm::LLVMContext &context);

  /// Makes a module of LLVM IR one for this CPU, and optimises it. An error if
  /// it is invalid.
  llvm::Error optimize(llvm::Module &module);

  /// Appends an object file, or its assembly, of a translated module.
  llvm::Error emit(llvm::Module &module, llvm::raw_pwrite_stream &os,
                   llvm::CodeGenFileType type);

  llvm::TargetMachine &getMachine() { return *machine; }

private:
  explicit Target(std::unique_ptr<llvm::TargetMachine> machine);
  std::unique_ptr<llvm::TargetMachine> machine;
  bool sanitizeThread = false;
};

/// A library that generated code calls functions of.
struct NeededLibrary {
  /// What it is for, in an error message.
  StringRef purpose;
  /// File names to try, the first one that loads counts.
  llvm::SmallVector<StringRef, 2> files;
  /// The linker's option.
  StringRef option;
};

/// The libraries that `module` needs beyond libc, libm and the runtime.
llvm::SmallVector<NeededLibrary> getNeededLibraries(const llvm::Module &module);

/// A program compiled in process. It owns the code: instances of the program
/// must be destroyed before it. Its functions may be called from any thread.
class JIT {
public:
  class Impl;

  /// Lowers and compiles the host programs of `module`, which has been through
  /// the stage buffers, and a variant of a function when it is first called,
  /// which may be in several threads at once. A call whose variant cannot be
  /// compiled returns SYM_LIBRARY_ERROR and changes nothing; the reason goes to
  /// the diagnostics of the context. `target`, `options` and the context of
  /// `module` must outlive the result; nothing else may use that context.
  /// `compiled` is told the name of each variant that has been compiled, by one
  /// thread at a time.
  static llvm::Expected<std::unique_ptr<JIT>>
  createLazy(Target &target, ModuleOp module, const PipelineOptions &options,
             std::function<void(StringRef)> compiled);

  /// Links `module`, made by `target`, against the runtime in this process.
  /// Opens the libraries that the module needs, and only those.
  static llvm::Expected<std::unique_ptr<JIT>>
  create(Target &target, std::unique_ptr<llvm::Module> module,
         std::unique_ptr<llvm::LLVMContext> context, StringRef descriptor);
  ~JIT();

  const sym_program *getProgram() const { return program; }

private:
  explicit JIT(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
  const sym_program *program = nullptr;
};

} // namespace mlir::sym

#endif // SYM_TARGET_TARGET_H
