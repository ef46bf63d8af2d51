//===- sym-fuzz.cpp - Gives many inputs to the compiler -------------------===//
//
// What test/Fuzz/fuzz.py runs its inputs with. Reads a file of programs that
// `// -----` separates, and does with each what sym-opt and sym-runner do:
// parses and prints it, checks its borrows, cleans it up, runs one pass of sym
// on it as it is, compiles it, and calls what came out of it. Each program has
// a process of its own, forked from one that has everything loaded: a crash
// ends that child alone, and starting it costs no more than copying page
// tables.
//
// Prints a line of JSON for each input that ended by a signal, without a
// message or not in time, and one with the totals.
//
//===----------------------------------------------------------------------===//

#include "Mutate.h"
#include "sym/Driver/Driver.h"
#include "sym/InitAll.h"
#include "sym/Support/NestingLimit.h"
#include "sym/Target/Frontend.h"
#include "sym/Target/Target.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/Verifier.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

#include <csignal>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace mlir;
using namespace mlir::sym;

static llvm::cl::opt<std::string> inputFile(llvm::cl::Positional,
                                            llvm::cl::Required,
                                            llvm::cl::desc("<inputs>"));
static llvm::cl::list<std::string>
    passes("pass", llvm::cl::desc("Pipelines that take turns, input by input"));
static llvm::cl::opt<unsigned>
    first("first", llvm::cl::desc("Number of the first input"));
static llvm::cl::opt<unsigned>
    timeout("timeout", llvm::cl::desc("Seconds that an input may take"),
            llvm::cl::init(20));

namespace {
enum Stage {
  Mutate,
  Parse,
  Print,
  Borrows,
  Clean,
  Single,
  Compile,
  Call,
  NumStages
};

/// What a child tells its parent, in memory that they share.
struct Shared {
  Stage stage = Mutate;
  /// Inputs that came through.
  unsigned parsed = 0, compiled = 0, called = 0;
};
} // namespace

static const char *const kStageNames[NumStages] = {
    "mutate", "parse", "print", "borrows", "clean", "pass", "compile", "call"};
static const char kClean[] = "canonicalize,cse,inline,symbol-dce";

static Shared *shared;

static void run(ModuleOp module, StringRef pipeline) {
  OwningOpRef<ModuleOp> copy = module.clone();
  PassManager pm(module->getContext());
  if (succeeded(parsePassPipeline(pipeline, pm)))
    (void)pm.run(*copy);
}

/// `// mutate SEED COUNT` before a program asks for other programs. Fails if
/// the result does not verify.
static LogicalResult mutate(std::string &text, MLIRContext &context) {
  StringRef rest = text;
  uint64_t seed = 0;
  unsigned count = 0;
  if (!rest.consume_front("// mutate ") || rest.consumeInteger(10, seed) ||
      !rest.consume_front(" ") || rest.consumeInteger(10, count))
    return success();
  ScopedDiagnosticHandler silent(&context, [](Diagnostic &) {});
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(rest, &context);
  if (!module)
    return failure();
  std::mt19937_64 rng(seed);
  mutate(*module, rng, count);
  if (failed(verify(*module)))
    return failure();
  text.clear();
  llvm::raw_string_ostream(text) << *module;
  return success();
}

/// As sym-opt does.
static LogicalResult optimize(StringRef text, StringRef single,
                              MLIRContext &context) {
  shared->stage = Parse;
  std::unique_ptr<llvm::MemoryBuffer> buffer =
      llvm::MemoryBuffer::getMemBuffer(text, "input", false);
  if (failed(checkNesting(*buffer)))
    return failure();
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(buffer), llvm::SMLoc());
  SourceMgrDiagnosticHandler diagnostics(sources, &context);
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(sources, &context);
  if (!module)
    return failure();
  ++shared->parsed;
  shared->stage = Print;
  std::string printed;
  llvm::raw_string_ostream stream(printed);
  module->print(stream);
  module->print(stream, OpPrintingFlags().printGenericOpForm());
  shared->stage = Borrows;
  run(*module, "sym-check-borrows");
  shared->stage = Clean;
  run(*module, kClean);
  shared->stage = Single;
  if (!single.empty())
    run(*module, single);
  return success();
}

/// A literal of the type: small numbers, two in each dimension.
static std::string getArgument(const sym_type_desc &type) {
  std::string literal = "1";
  for (int32_t dim = 0; dim < type.rank; ++dim) {
    int64_t size =
        type.sizes[dim] < 0 ? 2 : std::min<int64_t>(type.sizes[dim], 8);
    std::string elements;
    for (int64_t i = 0; i < size; ++i)
      elements += (i ? "," : "") + literal;
    literal = "[" + elements + "]";
  }
  return literal;
}

/// Runs the host program, and calls each function by itself: a failed call ends
/// a run. Twice, since memory is used again.
static int call(const sym_program *program) {
  shared->stage = Call;
  int status = ::sym::driver::run("sym-fuzz", program, {});
  for (int32_t i = 0; i < program->num_functions; ++i) {
    const sym_function_desc &function = program->functions[i];
    ::sym::driver::Action action;
    action.name = function.name;
    for (int32_t arg = 0; arg < function.num_args; ++arg)
      action.args.push_back(getArgument(function.args[arg].type));
    ::sym::driver::Options options;
    options.actions.push_back(action);
    options.repeat = 2;
    ::sym::driver::run("sym-fuzz", program, options);
  }
  ++shared->called;
  return status;
}

/// As sym-runner does, lazily or eagerly. Returns its exit status.
static int execute(const std::string &path, bool lazy) {
  shared->stage = Compile;
  PipelineOptions options;
  auto target = Target::create(options.cpu);
  if (!target)
    return llvm::errs() << llvm::toString(target.takeError()), 1;
  if (lazy)
    options.untilAfter = stringifyStage(::mlir::sym::Stage::Buffers).str();
  Source source("sym-fuzz");
  if (failed(source.parse(path)) || failed(source.lower(options)))
    return 1;
  auto finish = [&](llvm::Expected<std::unique_ptr<JIT>> jit) -> int {
    if (!jit)
      return llvm::errs() << llvm::toString(jit.takeError()), 1;
    ++shared->compiled;
    return call((*jit)->getProgram());
  };
  if (lazy)
    return finish(JIT::createLazy(**target, source.getModule(), options,
                                  [](StringRef) {}));
  auto context = std::make_unique<llvm::LLVMContext>();
  auto module = (*target)->translate(source.getModule(), *context);
  if (!module)
    return llvm::errs() << llvm::toString(module.takeError()), 1;
  return finish(JIT::create(**target, std::move(*module), std::move(context),
                            getDescriptorSymbol(source.getModule())));
}

static void writeAll(int file, StringRef text) {
  while (!text.empty()) {
    ssize_t done = write(file, text.data(), text.size());
    if (done <= 0)
      _exit(1);
    text = text.drop_front(done);
  }
}

[[noreturn]] static void runChild(std::string text, StringRef single,
                                  MLIRContext &context, bool lazy, int log,
                                  int program) {
  // What the program prints goes nowhere, what the compiler says to the parent.
  dup2(log, STDERR_FILENO);
  if (!freopen("/dev/null", "w", stdout))
    _exit(1);
  rlimit memory = {8ULL << 30, 8ULL << 30}, seconds = {timeout, timeout};
  rlimit core = {0, 0};
  setrlimit(RLIMIT_AS, &memory);
  setrlimit(RLIMIT_CPU, &seconds);
  setrlimit(RLIMIT_CORE, &core);
  alarm(timeout * 3);
  int status = 1;
  if (failed(mutate(text, context)))
    _exit(0);
  writeAll(program, text);
  if (succeeded(optimize(text, single, context)))
    status = execute("/proc/self/fd/" + std::to_string(program), lazy);
  llvm::outs().flush();
  _exit(status);
}

/// How the child ended, if it should not have ended so; else an empty string.
static std::string judge(int status, bool hasMessage) {
  bool isCall = shared->stage == Call;
  if (WIFSIGNALED(status)) {
    int signal = WTERMSIG(status);
    bool isTime = signal == SIGALRM || signal == SIGXCPU || signal == SIGKILL;
    // A program may run for ever, and ask for all memory.
    if (isTime)
      return isCall ? "" : "hang";
    return "signal " + std::to_string(signal);
  }
  int code = WEXITSTATUS(status);
  if (code > 1)
    return "exit status " + std::to_string(code);
  return code == 1 && !hasMessage ? "without a message" : "";
}

/// The end of a file.
static std::string readAll(int file) {
  off_t size = lseek(file, 0, SEEK_END);
  std::string text(std::min<off_t>(size, 1 << 17), ' ');
  ssize_t got = pread(file, text.data(), text.size(),
                      size - static_cast<off_t>(text.size()));
  text.resize(std::max<ssize_t>(got, 0));
  return text;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  llvm::cl::ParseCommandLineOptions(argc, argv,
                                    "Gives inputs to the compiler\n");
  DialectRegistry registry;
  ::mlir::registerAllDialects(registry);
  registerAllExtensions(registry);
  ::mlir::registerAllPasses();
  ::mlir::sym::registerAllDialects(registry);
  ::mlir::sym::registerAllPasses();
  auto buffer = llvm::MemoryBuffer::getFile(inputFile);
  if (!buffer) {
    llvm::errs() << "sym-fuzz: error: cannot read " << inputFile << "\n";
    return 1;
  }
  shared = new (mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0)) Shared();
  // What LLVM initialises once.
  auto target = Target::create(PipelineOptions().cpu);
  if (!target) {
    llvm::errs() << "sym-fuzz: error: " << llvm::toString(target.takeError())
                 << "\n";
    return 1;
  }
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.printOpOnDiagnostic(false);
  for (StringRef name : {"affine", "arith", "bufferization", "builtin", "cf",
                         "complex", "func", "linalg", "llvm", "math", "memref",
                         "ml_program", "omp", "scf", "sym", "tensor", "vector"})
    context.getOrLoadDialect(name);
  SmallVector<StringRef> inputs;
  (*buffer)->getBuffer().split(inputs, "\n// -----\n");
  unsigned number = first;
  for (StringRef text : inputs) {
    int log = memfd_create("log", 0), program = memfd_create("program", 0);
    StringRef single =
        passes.empty() ? "" : StringRef(passes[number % passes.size()]);
    shared->stage = Mutate;
    pid_t child = fork();
    if (child == 0)
      runChild(text.str(), single, context, number % 4 != 0, log, program);
    int status = 0;
    waitpid(child, &status, 0);
    off_t size = lseek(log, 0, SEEK_END);
    std::string how = judge(status, size != 0);
    // What happens to what was never text is of no interest.
    if (!how.empty() && shared->stage != Mutate) {
      llvm::outs() << llvm::json::Value(llvm::json::Object{
                          {"input", number},
                          {"stage", kStageNames[shared->stage]},
                          {"pass", shared->stage == Single ? single : ""},
                          {"how", how},
                          {"text", llvm::json::fixUTF8(readAll(program))},
                          {"stderr", llvm::json::fixUTF8(readAll(log))}})
                   << "\n";
      llvm::outs().flush();
    }
    close(log);
    close(program);
    ++number;
  }
  llvm::outs() << llvm::json::Value(
                      llvm::json::Object{{"inputs", number - first},
                                         {"parsed", shared->parsed},
                                         {"compiled", shared->compiled},
                                         {"called", shared->called}})
               << "\n";
  return 0;
}
