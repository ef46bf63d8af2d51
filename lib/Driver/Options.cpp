//===- Options.cpp - The options that choose what to run ------------------===//

#include "sym/Driver/Driver.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

using namespace sym::driver;

const char *sym::driver::helpText() {
  return "What to run (in this order; default: the host program 'main'):\n"
         "  --entry=NAME        run a host program\n"
         "  --call=NAME         call a function and print its results\n"
         "    --arg=VALUE       its next argument: 3, [[1, 2], [3, 4]], or\n"
         "                      @FILE.npy\n"
         "    --out=@FILE.npy   write its next result there instead; '-' "
         "prints\n"
         "  --list              list variables, functions and host programs\n"
         "State:\n"
         "  --load-state=FILE   set variables from an .npz file before\n"
         "  --save-state=FILE   write all variables to an .npz file behind\n"
         "How:\n"
         "  --repeat=N          make each call N times; the last one counts\n"
         "  --threads=N         make them from each of N threads at once\n"
         "  --memory-cap=BYTES  refuse to use more memory\n"
         "  --trace=FILE        write a trace of what the runtime does, in "
         "the\n"
         "                      Chrome trace format (JSON)\n"
         "  --stats             print statistics to standard error\n"
         "  --help              print this\n";
}

/// Reads a positive decimal number.
static bool parseCount(const std::string &text, int64_t limit, int64_t &value) {
  if (text.empty() || text[0] < '0' || text[0] > '9')
    return false;
  errno = 0;
  char *end = nullptr;
  value = strtoll(text.c_str(), &end, 10);
  return errno == 0 && *end == '\0' && value >= 1 && value <= limit;
}

bool sym::driver::parse(std::vector<std::string> &arguments, Options &options,
                        std::string &error) {
  std::vector<std::string> unknown;
  auto fail = [&](std::string message) {
    error = std::move(message);
    return false;
  };
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string name = arguments[i];
    std::string value;
    bool hasValue = false;
    if (name.rfind("--", 0) == 0)
      if (size_t equals = name.find('='); equals != std::string::npos) {
        value = name.substr(equals + 1);
        name.resize(equals);
        hasValue = true;
      }
    auto needsValue = [&] {
      if (hasValue)
        return true;
      if (i + 1 >= arguments.size())
        return false;
      value = arguments[++i];
      return true;
    };
    auto missing = [&] { return fail("option " + name + " needs a value"); };
    auto flag = [&](bool &target) {
      if (hasValue)
        return fail("option " + name + " takes no value");
      target = true;
      return true;
    };
    if (name == "--entry" || name == "--call") {
      if (!needsValue())
        return missing();
      options.actions.push_back({name == "--entry", value, {}, {}});
    } else if (name == "--arg" || name == "--out") {
      if (!needsValue())
        return missing();
      if (options.actions.empty() || options.actions.back().isEntry)
        return fail("option " + name + " stands behind no --call");
      Action &call = options.actions.back();
      if (name == "--arg") {
        call.args.push_back(value);
      } else {
        if (value != "-" && (value.size() < 2 || value[0] != '@'))
          return fail("expected --out=@FILE.npy or --out=-, found '" + value +
                      "'");
        call.outs.push_back(value);
      }
    } else if (name == "--load-state" || name == "--save-state") {
      if (!needsValue())
        return missing();
      (name == "--load-state" ? options.loadState : options.saveState) = value;
    } else if (name == "--trace") {
      if (!needsValue())
        return missing();
      if (value.empty())
        return fail("expected --trace=FILE, found no name");
      options.trace = value;
    } else if (name == "--repeat" || name == "--threads" ||
               name == "--memory-cap") {
      if (!needsValue())
        return missing();
      int64_t count = 0;
      if (!parseCount(value, name == "--threads" ? 1024 : INT64_MAX, count))
        return fail("expected a positive number for " + name + ", found '" +
                    value + "'");
      if (name == "--repeat")
        options.repeat = count;
      else if (name == "--threads")
        options.threads = int(count);
      else
        options.memoryCap = count;
    } else if (name == "--stats") {
      if (!flag(options.stats))
        return false;
    } else if (name == "--list") {
      if (!flag(options.list))
        return false;
    } else if (name == "--help") {
      if (!flag(options.help))
        return false;
    } else {
      unknown.push_back(arguments[i]);
    }
  }
  arguments = std::move(unknown);
  return true;
}
