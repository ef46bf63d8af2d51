//===- sym-fuzz.cpp - Gives many inputs to the compiler -------------------===//
//
// What test/Fuzz/fuzz.py runs its inputs with. Reads a file of programs that
// `// -----` separates, and does with each what sym-opt and sym-runner do:
// parses and prints it, checks its borrows, cleans it up, runs one pass of sym
// on it as it is, compiles it, and calls what came out of it. A process that is
// forked from one that has everything loaded takes a number of programs in
// turn: a crash ends that child alone, the next one goes on behind it. What
// failed so runs again in a process of its own, to tell whether it fails by
// itself.
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
    inputsPerChild("inputs-per-child",
                   llvm::cl::desc("Inputs that one process takes in turn"),
                   llvm::cl::init(32));
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
  /// The input that runs, counted from the beginning of the file.
  size_t current = 0;
  /// Inputs that came through.
  unsigned parsed = 0, compiled = 0, called = 0;
};
} // namespace

static const char *const kStageNames[NumStages] = {
    "mutate", "parse", "print", "borrows", "clean", "pass", "compile", "call"};
constexpr unsigned kCallSeconds = 5;
static const char kClean[] = "canonicalize,cse,inline,symbol-dce";

static Shared *shared;

/// Gives the process so many seconds of a processor from now on.
static void limitTime(unsigned seconds) {
  rusage used;
  getrusage(RUSAGE_SELF, &used);
  rlim_t now = used.ru_utime.tv_sec + used.ru_stime.tv_sec;
  rlimit limit = {now + 1 + seconds, RLIM_INFINITY};
  setrlimit(RLIMIT_CPU, &limit);
}

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
  OwningOpRef<ModuleOp> owner = parseSourceString<ModuleOp>(rest, &context);
  if (!owner)
    return failure();
  // Never freed: its parts may refer to each other in any way, and the next
  // inputs of this process need a sound heap.
  ModuleOp module = owner.release();
  std::mt19937_64 rng(seed);
  mutate(module, rng, count);
  if (failed(verify(module)))
    return failure();
  text.clear();
  llvm::raw_string_ostream(text) << module;
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
  // A program may run for ever; there is nothing to learn from that. Its
  // functions are compiled within this time too.
  limitTime(kCallSeconds);
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
  Source source("sym-fuzz", options);
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

/// One input, as text; leaves in the files what is said and the program.
/// Returns the exit status that a tool would have.
static int runInput(std::string text, StringRef single, MLIRContext &context,
                    bool lazy, int log, int program) {
  for (int file : {log, program})
    if (ftruncate(file, 0) || lseek(file, 0, SEEK_SET))
      _exit(1);
  shared->stage = Mutate;
  limitTime(timeout);
  // What sleeps for ever takes no processor.
  alarm(timeout * 3);
  if (failed(mutate(text, context)))
    return 0;
  writeAll(program, text);
  int status = 1;
  if (succeeded(optimize(text, single, context)))
    status = execute("/proc/self/fd/" + std::to_string(program), lazy);
  llvm::outs().flush();
  return status;
}

static bool isEmpty(int file) { return lseek(file, 0, SEEK_END) == 0; }

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

namespace {
/// Runs inputs in processes of their own.
class Runner {
public:
  Runner(ArrayRef<StringRef> inputs, MLIRContext &context)
      : inputs(inputs), context(context) {}

  void runAll();

private:
  /// Runs inputs from `begin` on, up to one that ends the process or should
  /// have said something. Returns the one behind the last that ran.
  size_t runSome(size_t begin, size_t end);
  [[noreturn]] void runChild(size_t begin, size_t end);
  StringRef getPass(size_t input) const {
    return passes.empty() ? ""
                          : StringRef(passes[(first + input) % passes.size()]);
  }
  void report(StringRef how);

  ArrayRef<StringRef> inputs;
  MLIRContext &context;
  int log = memfd_create("log", 0), program = memfd_create("program", 0);
  /// How the last process ended, if it should not have ended so.
  std::string how;
};
} // namespace

void Runner::runChild(size_t begin, size_t end) {
  // What the program prints goes nowhere, what the compiler says to the parent.
  dup2(log, STDERR_FILENO);
  if (!freopen("/dev/null", "w", stdout))
    _exit(1);
  rlimit memory = {8ULL << 30, 8ULL << 30}, core = {0, 0};
  setrlimit(RLIMIT_AS, &memory);
  setrlimit(RLIMIT_CORE, &core);
  for (size_t i = begin; i != end; ++i) {
    shared->current = i;
    // Every fourth is compiled as a whole.
    bool lazy = (first + i) % 4 != 0;
    int status =
        runInput(inputs[i].str(), getPass(i), context, lazy, log, program);
    if (status > 1 || (status == 1 && isEmpty(log)))
      _exit(status);
  }
  shared->current = end;
  _exit(0);
}

size_t Runner::runSome(size_t begin, size_t end) {
  pid_t child = fork();
  if (child == 0)
    runChild(begin, end);
  int status = 0;
  waitpid(child, &status, 0);
  size_t at = shared->current;
  how.clear();
  if (at == end)
    return end;
  // What happens to what was never text is of no interest.
  if (shared->stage != Mutate)
    how = judge(status, !isEmpty(log));
  return at + 1;
}

void Runner::report(StringRef how) {
  size_t at = shared->current;
  llvm::outs() << llvm::json::Value(llvm::json::Object{
                      {"input", first + static_cast<int64_t>(at)},
                      {"stage", kStageNames[shared->stage]},
                      {"pass", shared->stage == Single ? getPass(at) : ""},
                      {"how", how},
                      {"text", llvm::json::fixUTF8(readAll(program))},
                      {"stderr", llvm::json::fixUTF8(readAll(log))}})
               << "\n";
  llvm::outs().flush();
}

void Runner::runAll() {
  for (size_t begin = 0; begin < inputs.size();) {
    size_t end = std::min(begin + inputsPerChild, inputs.size());
    size_t next = runSome(begin, end);
    bool wasAlone = next == begin + 1;
    begin = next;
    if (how.empty())
      continue;
    if (wasAlone) {
      report(how);
      continue;
    }
    // By itself, or only behind others in the same process?
    Shared before = *shared;
    std::string behindOthers = how + " behind others", said = readAll(log);
    runSome(next - 1, next);
    shared->parsed = before.parsed;
    shared->compiled = before.compiled;
    shared->called = before.called;
    if (!how.empty()) {
      report(how);
      continue;
    }
    shared->current = next - 1;
    shared->stage = before.stage;
    if (ftruncate(log, 0) || lseek(log, 0, SEEK_SET))
      exit(1);
    writeAll(log, said);
    report(behindOthers);
  }
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
  Runner(inputs, context).runAll();
  llvm::outs() << llvm::json::Value(llvm::json::Object{
                      {"inputs", static_cast<int64_t>(inputs.size())},
                      {"parsed", shared->parsed},
                      {"compiled", shared->compiled},
                      {"called", shared->called}})
               << "\n";
  return 0;
}
