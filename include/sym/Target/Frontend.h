//===- Frontend.h - What sym-runner and sym-compile share ------*- C++ -*-===//

#ifndef SYM_TARGET_FRONTEND_H
#define SYM_TARGET_FRONTEND_H

#include "sym/Pipelines/Pipelines.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/SourceMgr.h"

#include <memory>
#include <string>
#include <vector>

namespace mlir::sym {

/// The options about compilation and the file to compile.
struct CompilerArguments {
  std::string file;
  PipelineOptions pipeline;
  /// Whether the simulated driver stands in for the installed one.
  bool simulated = false;
};

/// Their description for --help.
llvm::StringRef getCompilerHelp();

/// Takes the options about compilation, and the file, out of `arguments` and
/// leaves what it does not know, in order. False, and a message, on a bad
/// value.
bool parseCompilerArguments(std::vector<std::string> &arguments,
                            CompilerArguments &result, std::string &error);

/// A program on its way through the compiler, with what its diagnostics need.
/// Prints every error, to standard error.
class Source {
public:
  /// `tool` is what errors without a place begin with.
  Source(llvm::StringRef tool, const PipelineOptions &options);
  ~Source();

  /// Reads and parses a file; "-" is standard input.
  LogicalResult parse(llvm::StringRef path);
  /// Runs the pipeline up to the stage in `options`.
  LogicalResult lower(const PipelineOptions &options);

  ModuleOp getModule() { return *module; }
  /// What the program is called: its symbol name or the file's stem.
  llvm::StringRef getName() const { return name; }
  /// Frees the module.
  void release() { module = {}; }

private:
  std::string tool, name;
  DialectRegistry registry;
  std::unique_ptr<MLIRContext> context;
  llvm::SourceMgr sources;
  std::unique_ptr<SourceMgrDiagnosticHandler> diagnostics;
  OwningOpRef<ModuleOp> module;
};

} // namespace mlir::sym

#endif // SYM_TARGET_FRONTEND_H
