//===- Driver.h - Running a compiled program from a command line -*- C -*-===//
//
// What sym-runner and the executables of sym-compile have in common: the
// arguments that choose what to run. No LLVM in it.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_DRIVER_DRIVER_H
#define SYM_DRIVER_DRIVER_H

#include "sym/Runtime/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/// The main function of an executable: runs `program` as the arguments say and
/// returns the exit code, 1 after one clear line on standard error.
int sym_driver_main(int argc, char **argv, const sym_program *program);

#ifdef __cplusplus
} // extern "C"

#include <string>
#include <vector>

namespace sym::driver {

/// One call on the command line, with the options behind it.
struct Action {
  bool isEntry = false; ///< a host program, otherwise a function
  std::string name;
  std::vector<std::string> args; ///< literals, or @FILE.npy
  std::vector<std::string> outs; ///< "-" or @FILE.npy, for results in order
};

struct Options {
  std::vector<Action> actions; ///< in order; empty: the host program `main`
  std::string loadState, saveState;
  std::string trace; ///< path, or empty
  int64_t repeat = 1;
  int threads = 1;
  int64_t memoryCap = 0;
  bool stats = false;
  bool list = false;
  bool help = false;
};

/// Takes the options of the driver out of `arguments` (without the program's
/// name) and leaves what it does not know, in order. False, and a message
/// without the tool's name, on a bad value.
bool parse(std::vector<std::string> &arguments, Options &options,
           std::string &error);

/// The options' description for --help.
const char *helpText();

/// Runs; prints errors behind "`tool`: error: ". Returns the exit code.
int run(const char *tool, const sym_program *program, const Options &options);

} // namespace sym::driver
#endif

#endif // SYM_DRIVER_DRIVER_H
