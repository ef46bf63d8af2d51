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
         "  --no-blas           no CBLAS calls\n"
         "  --target=WHERE      host (default); cuda or cuda:N: compute on a "
         "GPU,\n"
         "                      with variables on the first or the N-th;\n"
         "                      cuda:sim: on a simulated one\n"
         "  --chips=LIST        what kernels are compiled to: architectures, "
         "ptx, sim\n"
         "                      (default: sm_80,sm_90,ptx; for cuda:sim sim)\n"
         "  --cuda-toolkit=DIR  the CUDA toolkit\n";
}

/// The value of --target.
static bool parseTarget(StringRef value, CompilerArguments &result,
                        std::string &error) {
  PipelineOptions &pipeline = result.pipeline;
  StringRef device = value;
  int64_t number = 0;
  bool isCuda = device.consume_front("cuda") &&
                (device.empty() || device == ":sim" ||
                 (device.consume_front(":") &&
                  !device.getAsInteger(10, number) && number >= 0));
  if (!isCuda && value != "host") {
    error = "expected --target=host, cuda, cuda:sim or cuda with a number such "
            "as cuda:1, found '" +
            value.str() + "'";
    return false;
  }
  pipeline.target = isCuda ? "cuda" : "host";
  pipeline.device = number;
  result.simulated = device == ":sim";
  return true;
}

/// The value of --chips.
static bool checkChips(StringRef value, std::string &error) {
  SmallVector<StringRef> names;
  value.split(names, ',');
  for (StringRef name : names) {
    unsigned number = 0;
    if (name == "ptx" || name == "sim" ||
        (name.consume_front("sm_") && !name.getAsInteger(10, number) &&
         number >= 80))
      continue;
    error = "expected architectures from sm_80 on, ptx and sim for --chips, "
            "found '" +
            value.str() + "'";
    return false;
  }
  return true;
}

bool mlir::sym::parseCompilerArguments(std::vector<std::string> &arguments,
                                       CompilerArguments &result,
                                       std::string &error) {
  std::vector<std::string> unknown;
  std::string chips;
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
        name != "--parallel-work" && name != "--target" && name != "--chips" &&
        name != "--cuda-toolkit") {
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
    } else if (name == "--target") {
      if (!parseTarget(value, result, error))
        return false;
    } else if (name == "--chips") {
      if (!checkChips(value, error))
        return false;
      chips = value.str();
    } else if (name == "--cuda-toolkit") {
      pipeline.cudaToolkit = value.str();
    } else {
      pipeline.cpu = value.str();
    }
  }
  if (!chips.empty())
    pipeline.chips = chips;
  else if (result.simulated)
    pipeline.chips = "sim";
  arguments = std::move(unknown);
  return true;
}

Source::Source(StringRef tool, const PipelineOptions &options) : tool(tool) {
  registerProgramDialects(registry);
  if (options.target == "cuda")
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
