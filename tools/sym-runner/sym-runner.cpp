//===- sym-runner.cpp - Compile a program in process and run it -----------===//

#include "sym/Driver/Driver.h"
#include "sym/Pipelines/Pipelines.h"
#include "sym/Target/Target.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace mlir::sym;

static int fail(const llvm::Twine &message) {
  llvm::errs() << "sym-runner: error: " << message << "\n";
  return 1;
}

static const char kHelp[] =
    "Usage: sym-runner [options] FILE\n\n"
    "Compiles an MLIR program with sym state and runs it. FILE may be '-'.\n\n"
    "Compilation:\n"
    "  --target-cpu=NAME   the CPU to compile for (default: native)\n"
    "  --math=KIND         libmvec (vector routines, default) or libm\n"
    "  --force-copies      never update in place\n"
    "  --no-parallel       no parallel loops\n"
    "  --no-blas           no CBLAS calls\n"
    "  --until-after=STAGE print the IR behind a stage and stop: resolve,\n"
    "                      functionalize, checks, linalg, buffers, host, link\n"
    "  --time              print the time of each part to standard error\n";

namespace {
struct Arguments {
  std::string file;
  std::string untilAfter;
  bool time = false;
};
} // namespace

/// Takes the options about compilation; what is left is wrong.
static bool parseCompilation(ArrayRef<std::string> arguments,
                             PipelineOptions &pipeline, Arguments &result,
                             std::string &error) {
  for (StringRef argument : arguments) {
    auto [name, value] = argument.split('=');
    bool hasValue = argument.contains('=');
    if (argument == "-" || !argument.starts_with("-")) {
      if (!result.file.empty()) {
        error = "expected one file, found '" + result.file + "' and '" +
                argument.str() + "'";
        return false;
      }
      result.file = argument.str();
    } else if (name == "--target-cpu" && hasValue) {
      pipeline.cpu = value.str();
    } else if (name == "--math" && hasValue) {
      if (value != "libmvec" && value != "libm") {
        error = "expected --math=libmvec or --math=libm, found '" +
                value.str() + "'";
        return false;
      }
      pipeline.math = value.str();
    } else if (name == "--until-after" && hasValue) {
      if (value != "link" && !symbolizeStage(value)) {
        error = "unknown stage '" + value.str() + "'";
        return false;
      }
      result.untilAfter = value.str();
      if (value != "link")
        pipeline.untilAfter = value.str();
    } else if (argument == "--force-copies") {
      pipeline.forceCopies = true;
    } else if (argument == "--no-parallel") {
      pipeline.parallel = false;
    } else if (argument == "--no-blas") {
      pipeline.blas = false;
    } else if (argument == "--time") {
      result.time = true;
    } else {
      error = "unknown argument '" + argument.str() + "'; try --help";
      return false;
    }
  }
  if (result.file.empty()) {
    error = "expected a file; try --help";
    return false;
  }
  return true;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  std::vector<std::string> rest(argv + 1, argv + argc);
  ::sym::driver::Options options;
  std::string error;
  if (!::sym::driver::parse(rest, options, error))
    return fail(error);
  if (options.help) {
    llvm::outs() << kHelp << ::sym::driver::helpText();
    return 0;
  }
  PipelineOptions pipeline;
  Arguments arguments;
  if (!parseCompilation(rest, pipeline, arguments, error))
    return fail(error);

  auto time =
      [&, last = std::chrono::steady_clock::now()](const char *part) mutable {
        auto now = std::chrono::steady_clock::now();
        if (arguments.time)
          llvm::errs() << llvm::format(
              "%-10s %8.2f ms\n", part,
              std::chrono::duration<double, std::milli>(now - last).count());
        last = now;
      };

  DialectRegistry registry;
  registerProgramDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  std::unique_ptr<llvm::MemoryBuffer> buffer =
      openInputFile(arguments.file, &error);
  if (!buffer)
    return fail(error);
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(buffer), llvm::SMLoc());
  SourceMgrDiagnosticHandler diagnostics(sources, &context);
  time("start");
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(sources, &context);
  if (!module)
    return 1;
  time("parse");
  if (failed(runPipeline(*module, getProgramName(arguments.file), pipeline)))
    return 1;
  time("pipeline");
  if (!arguments.untilAfter.empty() && arguments.untilAfter != "link") {
    module->print(llvm::outs());
    return 0;
  }

  llvm::Expected<std::unique_ptr<Target>> target = Target::create(pipeline.cpu);
  if (!target)
    return fail(llvm::toString(target.takeError()));
  auto llvmContext = std::make_unique<llvm::LLVMContext>();
  auto translated = (*target)->translate(*module, *llvmContext);
  if (!translated)
    return fail(llvm::toString(translated.takeError()));
  time("optimize");
  if (arguments.untilAfter == "link") {
    (*translated)->print(llvm::outs(), nullptr);
    return 0;
  }
  auto jit = JIT::create(**target, std::move(*translated),
                         std::move(llvmContext), getDescriptorSymbol(*module));
  if (!jit)
    return fail(llvm::toString(jit.takeError()));
  time("link");
  // The module is no longer needed, and its memory may be wanted.
  module = {};
  int code = ::sym::driver::run("sym-runner", (*jit)->getProgram(), options);
  time("run");
  return code;
}
