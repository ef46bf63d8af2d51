//===- Frontend.cpp - What sym-runner and sym-compile share ---------------===//

#include "sym/Target/Frontend.h"

#include "sym/Support/NestingLimit.h"
#include "sym/Target/Device.h"
#include "sym/Target/Target.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"

using namespace mlir;
using namespace mlir::sym;

StringRef mlir::sym::getCompilerHelp() {
  return "Compilation:\n"
         "  --cpu=NAME          the CPU to compile for, such as x86-64-v3\n"
         "                      (default: native)\n"
         "  --math=KIND         libmvec (vector routines, default) or libm\n"
         "  --force-copies      never update in place\n"
         "  --report-buffers    remark for each function which updates are in\n"
         "                      place, and what is copied\n"
         "  --no-borrow-check   run host programs that borrow unsoundly\n"
         "  --no-parallel       no parallel loops\n"
         "  --parallel-work=N   operations from which a loop runs on several\n"
         "                      threads (default: 524288)\n"
         "  --no-blas           no CBLAS calls\n";
}

bool mlir::sym::parseCompilerArguments(std::vector<std::string> &arguments,
                                       CompilerArguments &result,
                                       std::string &error) {
  std::vector<std::string> unknown;
  PipelineOptions &pipeline = result.pipeline;
  for (size_t i = 0; i < arguments.size(); ++i) {
    StringRef argument = arguments[i];
    if (argument == "-" || !argument.starts_with("-")) {
      if (!result.file.empty()) {
        error = "expected one file, found '" + result.file + "' and '" +
                argument.str() + "'";
        return false;
      }
      result.file = argument.str();
      continue;
    }
    if (argument == "--force-copies") {
      pipeline.forceCopies = true;
      continue;
    }
    if (argument == "--report-buffers") {
      pipeline.reportBuffers = true;
      continue;
    }
    if (argument == "--no-borrow-check") {
      pipeline.checkBorrows = false;
      continue;
    }
    if (argument == "--no-parallel") {
      pipeline.parallel = false;
      continue;
    }
    if (argument == "--no-blas") {
      pipeline.blas = false;
      continue;
    }
    auto [name, value] = argument.split('=');
    // --target-cpu is what other tools call it.
    if (name != "--cpu" && name != "--target-cpu" && name != "--math" &&
        name != "--parallel-work") {
      unknown.push_back(arguments[i]);
      continue;
    }
    if (!argument.contains('=')) {
      if (i + 1 == arguments.size()) {
        error = "option " + name.str() + " needs a value";
        return false;
      }
      value = arguments[++i];
    }
    if (name == "--math") {
      if (value != "libmvec" && value != "libm") {
        error = "expected --math=libmvec or --math=libm, found '" +
                value.str() + "'";
        return false;
      }
      pipeline.math = value.str();
    } else if (name == "--parallel-work") {
      int64_t work = 0;
      if (value.getAsInteger(10, work) || work < 1) {
        error = "expected a positive number for --parallel-work, found '" +
                value.str() + "'";
        return false;
      }
      pipeline.parallelWork = work;
    } else {
      pipeline.cpu = value.str();
    }
  }
  arguments = std::move(unknown);
  return true;
}

Source::Source(StringRef tool, bool device) : tool(tool) {
  registerProgramDialects(registry);
  if (device)
    registerDeviceDialects(registry);
  context =
      std::make_unique<MLIRContext>(registry, MLIRContext::Threading::DISABLED);
  diagnostics =
      std::make_unique<SourceMgrDiagnosticHandler>(sources, context.get());
}

Source::~Source() = default;

LogicalResult Source::parse(StringRef path) {
  std::string error;
  std::unique_ptr<llvm::MemoryBuffer> buffer = openInputFile(path, &error);
  if (!buffer) {
    llvm::errs() << tool << ": error: " << error << "\n";
    return failure();
  }
  if (failed(checkNesting(*buffer)))
    return failure();
  sources.AddNewSourceBuffer(std::move(buffer), llvm::SMLoc());
  module = parseSourceFile<ModuleOp>(sources, context.get());
  if (!module)
    return failure();
  if (!module->getSymName())
    module->setSymName(getProgramName(path));
  name = module->getSymName()->str();
  return success();
}

LogicalResult Source::lower(const PipelineOptions &options) {
  return runPipeline(*module, name, options);
}
