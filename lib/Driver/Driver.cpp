//===- Driver.cpp - Running a compiled program from a command line --------===//

#include "sym/Driver/Driver.h"

#include "Literal.h"

#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>

using namespace sym::driver;

namespace {
/// What --stats tells of one function or host program.
struct Timing {
  int64_t calls = 0;
  double seconds = 0;
};

/// The last result arrays of a call; owned.
struct Results {
  std::vector<sym_result> values;
  ~Results() { clear(); }
  void clear() {
    for (sym_result &value : values)
      if (value.array)
        sym_array_release(value.array);
    values.clear();
  }
};

class Runner {
public:
  Runner(const char *tool, const sym_program *program, const Options &options)
      : tool(tool), program(program), options(options) {}
  ~Runner() {
    if (instance)
      sym_instance_destroy(instance);
  }

  int run();

private:
  /// Every one prints its message and returns false.
  bool fail(const std::string &message);
  bool failWithStatus(const std::string &what, sym_status status);

  bool runAction(const Action &action);
  bool runEntry(const std::string &name);
  bool runCall(const Action &action);
  bool readArgument(const std::string &text, const sym_value_desc &desc,
                    const std::string &what, Array &array, sym_array *&loaded,
                    sym_tensor &view);
  bool callRepeatedly(sym_function *function,
                      const std::vector<sym_tensor> &args, Results &results,
                      sym_status &status, std::string &message);
  bool show(const sym_tensor &value);
  bool writeResult(const Action &action, size_t index, const sym_tensor &value);
  bool writeResults(const Action &action, const Results &results);
  void list();
  void printStatistics();
  bool hasEntry(const std::string &name) const {
    for (int32_t i = 0; i < program->num_hosts; ++i)
      if (name == program->hosts[i].name)
        return true;
    return false;
  }

  const char *tool;
  const sym_program *program;
  const Options &options;
  sym_instance *instance = nullptr;
  std::map<std::string, Timing> timings;
};
} // namespace

/// As MLIR spells it.
static const char *elementName(int32_t element) {
  static const char *const names[] = {
      "?",    "i1",  "i4",       "i8",           "i16",         "i32",  "i64",
      "i128", "ui4", "ui8",      "ui16",         "ui32",        "ui64", "ui128",
      "?",    "?",   "f8E4M3FN", "f8E5M2",       "f16",         "bf16", "f32",
      "f64",  "f80", "f128",     "complex<f32>", "complex<f64>"};
  size_t count = sizeof(names) / sizeof(*names);
  return size_t(element) < count ? names[element] : "?";
}

static double now() {
  using Clock = std::chrono::steady_clock;
  return std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
}

bool Runner::fail(const std::string &message) {
  fflush(stdout);
  fprintf(stderr, "%s: error: %s\n", tool, message.c_str());
  return false;
}

/// The calling thread's last fault, on one line.
static std::string describeStatus(sym_status status) {
  std::string text = sym_status_name(status);
  if (const char *message = sym_error_message(); *message)
    text += std::string(": ") + message;
  if (const char *location = sym_error_location(); *location)
    text += std::string(" (at ") + location + ")";
  return text;
}

bool Runner::failWithStatus(const std::string &what, sym_status status) {
  return fail(what + ": " + describeStatus(status));
}

bool Runner::show(const sym_tensor &value) {
  size_t length = sym_format(&value, nullptr, 0);
  std::string text(length + 1, '\0');
  sym_format(&value, text.data(), text.size());
  text[length] = '\n';
  if (fwrite(text.data(), 1, text.size(), stdout) != text.size())
    return fail("cannot write to standard output");
  return true;
}

bool Runner::runEntry(const std::string &name) {
  if (!hasEntry(name))
    return fail("there is no host program '" + name +
                "'; a host program is a public func.func without arguments and "
                "results");
  double start = now();
  sym_status status = sym_instance_run(instance, name.c_str());
  Timing &timing = timings[name];
  timing.seconds += now() - start;
  ++timing.calls;
  if (status != SYM_OK)
    return failWithStatus("host program '" + name + "' failed", status);
  return true;
}

static std::string describeType(const sym_type_desc &type) {
  std::string text;
  for (int32_t i = 0; i < type.rank; ++i) {
    if (i)
      text += 'x';
    text += type.sizes[i] == SYM_DYNAMIC ? "?" : std::to_string(type.sizes[i]);
  }
  return text.empty() ? "rank 0" : "shape " + text;
}

bool Runner::readArgument(const std::string &text, const sym_value_desc &desc,
                          const std::string &what, Array &array,
                          sym_array *&loaded, sym_tensor &view) {
  if (!text.empty() && text[0] == '@') {
    sym_status status = sym_npy_load(text.c_str() + 1, &loaded);
    if (status != SYM_OK)
      return failWithStatus(what + ", " + text, status);
    view = sym_array_view(loaded);
    if (view.rank != desc.type.rank)
      return fail(what + ": expected an array of " + describeType(desc.type) +
                  ", found rank " + std::to_string(view.rank) + " in " + text);
    return true;
  }
  std::string error;
  if (!parseArray(text, desc.type, array, error))
    return fail(what + ": " + error);
  view = array.view();
  return true;
}

bool Runner::callRepeatedly(sym_function *function,
                            const std::vector<sym_tensor> &args,
                            Results &results, sym_status &status,
                            std::string &message) {
  int32_t numResults = sym_function_descriptor(function)->num_results;
  for (int64_t i = 0; i < options.repeat; ++i) {
    results.clear();
    results.values.assign(numResults, sym_result{});
    status = sym_call(function, args.data(), int32_t(args.size()),
                      results.values.data(), numResults);
    if (status != SYM_OK) {
      // Nothing was made, and the message belongs to this thread.
      results.values.clear();
      message = describeStatus(status);
      return false;
    }
  }
  return true;
}

bool Runner::runCall(const Action &action) {
  sym_function *function = sym_instance_function(instance, action.name.c_str());
  if (!function)
    return fail("there is no function '" + action.name + "'");
  const sym_function_desc *desc = sym_function_descriptor(function);
  if (int32_t(action.args.size()) != desc->num_args)
    return fail("function '" + action.name + "' takes " +
                std::to_string(desc->num_args) + " arguments, found " +
                std::to_string(action.args.size()));
  if (int32_t(action.outs.size()) > desc->num_results)
    return fail("function '" + action.name + "' has " +
                std::to_string(desc->num_results) + " results, found " +
                std::to_string(action.outs.size()) + " --out options");

  std::vector<Array> arrays(action.args.size());
  std::vector<sym_array *> loaded(action.args.size(), nullptr);
  std::vector<sym_tensor> args(action.args.size());
  bool good = true;
  for (size_t i = 0; good && i < args.size(); ++i) {
    std::string what =
        "argument " + std::to_string(i + 1) + " of '" + action.name + "'";
    good = readArgument(action.args[i], desc->args[i], what, arrays[i],
                        loaded[i], args[i]);
  }

  if (good) {
    size_t numThreads = options.threads;
    std::vector<Results> results(numThreads);
    std::vector<sym_status> statuses(numThreads, SYM_OK);
    std::vector<std::string> messages(numThreads);
    double start = now();
    auto work = [&](size_t t) {
      callRepeatedly(function, args, results[t], statuses[t], messages[t]);
    };
    std::vector<std::thread> threads;
    for (size_t t = 1; t < numThreads; ++t)
      threads.emplace_back(work, t);
    work(0);
    for (std::thread &thread : threads)
      thread.join();
    Timing &timing = timings[action.name];
    timing.seconds += now() - start;
    timing.calls += options.repeat * options.threads;
    for (size_t t = 0; good && t < numThreads; ++t)
      if (statuses[t] != SYM_OK)
        good = fail("call of '" + action.name + "' failed: " + messages[t]);
    if (good)
      good = writeResults(action, results[0]);
  }
  for (sym_array *array : loaded)
    if (array)
      sym_array_release(array);
  return good;
}

bool Runner::writeResult(const Action &action, size_t index,
                         const sym_tensor &value) {
  if (index >= action.outs.size() || action.outs[index] == "-")
    return show(value);
  const char *path = action.outs[index].c_str() + 1;
  if (sym_status status = sym_npy_save(path, &value))
    return failWithStatus(std::string("cannot write '") + path + "'", status);
  return true;
}

bool Runner::writeResults(const Action &action, const Results &results) {
  for (size_t i = 0; i < results.values.size(); ++i) {
    sym_array *host;
    if (sym_status status = sym_array_to_host(results.values[i].array, &host))
      return failWithStatus("cannot copy a result from its device", status);
    bool good = writeResult(action, i, sym_array_view(host));
    sym_array_release(host);
    if (!good)
      return false;
  }
  return true;
}

bool Runner::runAction(const Action &action) {
  return action.isEntry ? runEntry(action.name) : runCall(action);
}

void Runner::list() {
  auto typeText = [](const sym_type_desc &type) {
    std::string text = "tensor<";
    for (int32_t i = 0; i < type.rank; ++i)
      text +=
          (type.sizes[i] == SYM_DYNAMIC ? "?" : std::to_string(type.sizes[i])) +
          "x";
    return text + elementName(type.element) + ">";
  };
  for (int32_t i = 0; i < program->num_variables; ++i)
    printf("variable %s : %s\n", program->variables[i].name,
           typeText(program->variables[i].type).c_str());
  for (int32_t i = 0; i < program->num_functions; ++i) {
    const sym_function_desc &function = program->functions[i];
    std::string text;
    for (int32_t a = 0; a < function.num_args; ++a)
      text += (a ? ", " : "") + typeText(function.args[a].type);
    text += ") -> (";
    for (int32_t r = 0; r < function.num_results; ++r)
      text += (r ? ", " : "") + typeText(function.results[r].type);
    printf("function %s : (%s)\n", function.name, text.c_str());
  }
  for (int32_t i = 0; i < program->num_hosts; ++i)
    printf("host program %s\n", program->hosts[i].name);
}

void Runner::printStatistics() {
  sym_statistics s = sym_get_statistics();
  struct {
    const char *name;
    int64_t value;
  } rows[] = {
      {"bytes reserved", s.bytes_reserved},
      {"bytes in use", s.bytes_in_use},
      {"bytes high water", s.bytes_high_water},
      {"system allocations", s.system_allocations},
      {"pool hits", s.reuse_hits},
      {"pool misses", s.reuse_misses},
      {"calls", s.calls},
      {"calls in place", s.calls_inplace},
      {"copies on write", s.copy_on_write},
      {"exchanges", s.exchanges},
      {"argument copies", s.argument_copies},
      {"failed calls", s.failed_calls},
  };
  for (const auto &row : rows)
    fprintf(stderr, "%-20s %" PRId64 "\n", row.name, row.value);
  for (const auto &[name, timing] : timings)
    fprintf(stderr, "%-20s %" PRId64 " runs, %.6f s, %.3f us each\n",
            name.c_str(), timing.calls, timing.seconds,
            1e6 * timing.seconds / double(timing.calls));
}

int Runner::run() {
  if (options.list) {
    list();
    return fflush(stdout) == 0 ? 0 : 1;
  }
  // First, so that the trace holds everything that the statistics count.
  if (!options.trace.empty())
    if (sym_status status = sym_trace_start(options.trace.c_str(), 0)) {
      failWithStatus("cannot write the trace '" + options.trace + "'", status);
      return 1;
    }
  if (options.memoryCap)
    sym_set_memory_cap(options.memoryCap);
  if (sym_status status = sym_instance_create(program, &instance)) {
    failWithStatus("cannot create the program's variables", status);
    return 1;
  }
  bool good = true;
  if (!options.loadState.empty())
    if (sym_status status = sym_instance_load(
            instance, options.loadState.c_str(), /*partial=*/1))
      good = failWithStatus("cannot load '" + options.loadState + "'", status);

  bool isLoaded = good;
  std::vector<Action> actions = options.actions;
  bool hasWork = !options.loadState.empty() || !options.saveState.empty();
  if (actions.empty() && (hasEntry("main") || !hasWork))
    actions.push_back({/*isEntry=*/true, "main", {}, {}});
  for (size_t i = 0; good && i < actions.size(); ++i)
    good = runAction(actions[i]);

  // Behind a failed call, too: it has changed nothing, and earlier ones stay
  // (T4, T10).
  if (isLoaded && !options.saveState.empty())
    if (sym_status status =
            sym_instance_save(instance, options.saveState.c_str()))
      good = failWithStatus("cannot save '" + options.saveState + "'", status);
  if (options.stats)
    printStatistics();
  if (!options.trace.empty())
    if (sym_status status = sym_trace_stop())
      good = failWithStatus("cannot write the trace '" + options.trace + "'",
                            status);
  if ((fflush(stdout) != 0 || ferror(stdout)) && good)
    good = fail("cannot write to standard output");
  return good ? 0 : 1;
}

int sym::driver::run(const char *tool, const sym_program *program,
                     const Options &options) {
  return Runner(tool, program, options).run();
}

int sym_driver_main(int argc, char **argv, const sym_program *program) {
  const char *tool = argc > 0 ? argv[0] : program->name;
  if (const char *slash = strrchr(tool, '/'))
    tool = slash + 1;
  std::vector<std::string> arguments(argv + (argc > 0), argv + argc);
  Options options;
  std::string error;
  bool good = parse(arguments, options, error);
  if (good && !arguments.empty()) {
    error = "unknown argument '" + arguments.front() + "'; try --help";
    good = false;
  }
  if (!good) {
    fprintf(stderr, "%s: error: %s\n", tool, error.c_str());
    return 1;
  }
  if (options.help) {
    printf("Usage: %s [options]\n\n%s", tool, helpText());
    return 0;
  }
  return run(tool, program, options);
}
