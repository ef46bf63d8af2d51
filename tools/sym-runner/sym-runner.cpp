//===- sym-runner.cpp - Compile a program in process and run it -----------===//

#include "sym/Driver/Driver.h"
#include "sym/Runtime/sym_device.h"
#include "sym/Target/Frontend.h"
#include "sym/Target/Target.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/InitLLVM.h"

#include <chrono>
#include <cinttypes>
#include <ctime>

using namespace mlir;
using namespace mlir::sym;

static int fail(const llvm::Twine &message) {
  llvm::errs() << "sym-runner: error: " << message << "\n";
  return 1;
}

static const char kHelp[] =
    "Usage: sym-runner [options] FILE\n\n"
    "Compiles an MLIR program with sym state and runs it. FILE may be '-'.\n\n";
static const char kOwnHelp[] =
    "  --compile=WHEN      lazy (default): each function when it is first "
    "called\n"
    "                      eager: everything before anything runs\n"
    "  --until-after=STAGE print the IR behind a stage and stop: resolve,\n"
    "                      functionalize, checks, linalg, buffers, device, "
    "host,\n"
    "                      link\n"
    "  --time              print the time of each part, and of each function "
    "that\n"
    "                      is compiled when it is called, to standard error\n";

namespace {
/// Tells how long the parts take, if it is asked to.
class Clock {
public:
  void enable() { enabled = true; }
  void lap(llvm::StringRef part) {
    auto now = std::chrono::steady_clock::now();
    std::clock_t used = std::clock();
    std::chrono::duration<double, std::milli> elapsed = now - last;
    double processor = 1e3 * double(used - lastUsed) / CLOCKS_PER_SEC;
    last = now;
    lastUsed = used;
    if (enabled)
      llvm::errs() << llvm::format("%-20s %8.2f ms, %8.2f ms of processors\n",
                                   part.str().c_str(), elapsed.count(),
                                   processor);
  }

private:
  bool enabled = false;
  std::chrono::steady_clock::time_point last = std::chrono::steady_clock::now();
  std::clock_t lastUsed = std::clock();
};
} // namespace

/// Opens the device that a program is compiled for, before it is: what is
/// missing is said at once.
static llvm::Error openDevice(const CompilerArguments &arguments) {
#ifdef SYM_HAVE_DEVICE
  // Otherwise SYM_DEVICE may say which driver.
  sym_status status =
      arguments.simulated ? sym_device_select("sim") : sym_status(SYM_OK);
  if (status == SYM_OK)
    status = sym_device_open(static_cast<int32_t>(arguments.pipeline.device));
  if (status == SYM_OK)
    return llvm::Error::success();
  return llvm::createStringError(
      "cannot compute on device " + llvm::Twine(arguments.pipeline.device) +
      ": " + sym_status_name(status) + ": " + sym_error_message());
#else
  return llvm::createStringError("sym was built without devices: it found no "
                                 "CUDA toolkit");
#endif
}

/// What a device did, where --stats shows what the host did; and closes all.
static void closeDevices(const CompilerArguments &arguments, bool report) {
#ifdef SYM_HAVE_DEVICE
  sym_device_statistics s;
  if (report && sym_device_get_statistics(
                    static_cast<int32_t>(arguments.pipeline.device), &s) == 0) {
    const std::pair<const char *, int64_t> rows[] = {
        {"device submissions", s.submissions},
        {"device launches", s.launches},
        {"device graphs", s.graph_launches},
        {"device graph builds", s.graph_builds},
        {"device graph nodes", s.graph_nodes},
        {"device node updates", s.node_updates},
        {"device uploads", s.uploads},
        {"device upload bytes", s.upload_bytes},
        {"device downloads", s.downloads},
        {"device downl. bytes", s.download_bytes},
        {"device copies", s.copies},
        {"device products", s.products},
        {"device fallbacks", s.fallbacks},
        {"device allocations", s.driver_allocations},
        {"device high water", s.bytes_high_water}};
    for (auto [name, value] : rows)
      fprintf(stderr, "%-20s %" PRId64 "\n", name, value);
  }
  sym_device_shutdown();
#endif
}

static int run(const sym_program *program,
               const ::sym::driver::Options &options, Clock &clock) {
  int code = ::sym::driver::run("sym-runner", program, options);
  clock.lap("run");
  return code;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  std::vector<std::string> rest(argv + 1, argv + argc);
  ::sym::driver::Options options;
  CompilerArguments arguments;
  std::string error;
  if (!::sym::driver::parse(rest, options, error) ||
      !parseCompilerArguments(rest, arguments, error))
    return fail(error);
  if (options.help) {
    llvm::outs() << kHelp << getCompilerHelp() << kOwnHelp
                 << ::sym::driver::helpText();
    return 0;
  }
  Clock clock;
  std::string untilAfter;
  bool lazy = true;
  for (StringRef argument : rest) {
    if (argument == "--time")
      clock.enable();
    else if (argument.consume_front("--until-after="))
      untilAfter = argument.str();
    else if (argument == "--compile=lazy" || argument == "--compile=eager")
      lazy = argument == "--compile=lazy";
    else
      return fail("unknown argument '" + argument + "'; try --help");
  }
  bool untilLink = untilAfter == "link";
  if (!untilAfter.empty() && !untilLink) {
    if (!symbolizeStage(untilAfter))
      return fail("unknown stage '" + untilAfter + "'; try --help");
    arguments.pipeline.untilAfter = untilAfter;
  }
  if (arguments.file.empty())
    return fail("expected a file; try --help");

  auto target = Target::create(arguments.pipeline.cpu);
  if (!target)
    return fail(llvm::toString(target.takeError()));
  Source source("sym-runner", arguments.pipeline);
  clock.lap("start");
  if (failed(source.parse(arguments.file)))
    return 1;
  clock.lap("parse");
  // Kernels travel in the program, and a variant has their numbers.
  bool usesDevice = arguments.pipeline.target == "cuda";
  lazy &= untilAfter.empty() && !usesDevice;
  if (usesDevice && untilAfter.empty())
    if (llvm::Error error = openDevice(arguments))
      return fail(llvm::toString(std::move(error)));
  if (lazy)
    arguments.pipeline.untilAfter = stringifyStage(Stage::Buffers).str();
  if (failed(source.lower(arguments.pipeline)))
    return 1;
  clock.lap("pipeline");
  if (!untilAfter.empty() && !untilLink) {
    source.getModule().print(llvm::outs());
    return 0;
  }

  if (lazy) {
    auto jit = JIT::createLazy(**target, source.getModule(), arguments.pipeline,
                               [&](StringRef variant) { clock.lap(variant); });
    if (!jit)
      return fail(llvm::toString(jit.takeError()));
    clock.lap("link");
    return run((*jit)->getProgram(), options, clock);
  }
  auto context = std::make_unique<llvm::LLVMContext>();
  auto module = (*target)->translate(source.getModule(), *context);
  if (!module)
    return fail(llvm::toString(module.takeError()));
  clock.lap("optimize");
  if (untilLink) {
    (*module)->print(llvm::outs(), nullptr);
    return 0;
  }
  auto jit = JIT::create(**target, std::move(*module), std::move(context),
                         getDescriptorSymbol(source.getModule()));
  if (!jit)
    return fail(llvm::toString(jit.takeError()));
  source.release();
  clock.lap("link");
  int code = run((*jit)->getProgram(), options, clock);
  if (usesDevice)
    closeDevices(arguments, options.stats);
  return code;
}
