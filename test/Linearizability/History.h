//===- History.h - What a run did, and what it should have done -*- C++ -*-===//
//
// Glossary
//   scenario   variables, functions over them, and how often which operation
//   operation  one call, get, set or borrow, as planned and as it happened
//   history    the operations of every thread, with the times between which
//              each of them took effect
//   model      the sequential meaning of an operation (T1–T5, B3)
//
// A variable holds a vector whose elements are all equal, so that its value is
// one number, and a torn value shows by itself. A function computes linear
// combinations of what it reads, modulo 2^64; the coefficients are an argument,
// hence two entries serve every function.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_TEST_LINEARIZABILITY_HISTORY_H
#define SYM_TEST_LINEARIZABILITY_HISTORY_H

#include "sym/Runtime/sym_runtime.h"

#include <string>
#include <vector>

namespace symtest::lin {

constexpr int kMaxVariables = 12;

struct FunctionSpec {
  std::string name;
  std::vector<int> reads; ///< variables, in the order of the descriptor
  struct Update {
    int variable;
    int kind; ///< SYM_KIND_INPLACE, SYM_KIND_FRESH or SYM_KIND_MOVED
    int from; ///< of MOVED: a place among `reads`
  };
  std::vector<Update> updates;
  int numResults = 0;      ///< linear combinations
  std::vector<int> handed; ///< further results: places among `reads`, pinned
  bool checks = false;     ///< calls may fail their check
};

enum class Kind : uint8_t {
  Call,
  Get,
  Set,
  SetLent,
  Pin,        ///< a pinned borrow, kept for a while
  BeginWrite, ///< a write borrow, kept until the next of the two below
  Commit,
  Rollback,
  Snapshot, ///< the runtime's snapshot of several variables (saving)
  Publish,  ///< the runtime's publication of several values (loading)
};

struct Scenario {
  std::string name;
  std::vector<int32_t> policies; ///< one per variable
  int length = 1;                ///< elements of every variable
  std::vector<FunctionSpec> functions;
  int threads = 4;
  int operations = 24; ///< per thread and round
  /// How often which kind is chosen, relative to each other.
  struct Weight {
    Kind kind;
    int weight;
  };
  std::vector<Weight> weights;
};

struct Operation {
  Kind kind = Kind::Get;
  int variable = 0; ///< or the function of a call
  /// Of a call: the argument; of Set, Commit and Publish: the new values; of
  /// Snapshot and Publish also which variables, see `variables`.
  std::vector<int64_t> arguments;
  std::vector<int> variables;

  // What happened.
  bool ran = false; ///< an end of a borrow that never began is left out
  int64_t start = 0, end = 0;
  sym_status status = SYM_OK;
  std::vector<int64_t> results;
};

/// By thread, in the order in which the thread ran them.
using History = std::vector<std::vector<Operation>>;

/// The variables at one instant.
struct State {
  int64_t values[kMaxVariables] = {};
  uint32_t borrowed = 0; ///< bit i: a write borrow of variable i is held
};

/// The argument of a call: a header, then per update and per result a constant
/// and a coefficient for every source.
struct CallProgram {
  enum : int {
    CheckSource,
    Threshold,
    NumReads,
    NumUpdates,
    NumResults,
    NumHanded,
    Header
  };
  /// Where the kinds of the updates begin, the sources of handed results, and
  /// the rows.
  static int kinds() { return Header; }
  static int handed(const int64_t *p) { return Header + int(p[NumUpdates]); }
  static int row(const int64_t *p, int index) {
    return handed(p) + int(p[NumHanded]) + index * (1 + int(p[NumReads]));
  }
  static uint64_t evaluate(const int64_t *p, int index,
                           const int64_t *sources) {
    const int64_t *r = p + row(p, index);
    uint64_t sum = uint64_t(r[0]);
    for (int k = 0; k < p[NumReads]; ++k)
      sum += uint64_t(r[1 + k]) * uint64_t(sources[k]);
    return sum;
  }
};

/// Applies an operation to `state`. False if it could not have ended as it did
/// had it been run alone in that state.
bool apply(const Scenario &scenario, const Operation &operation, State &state);

/// "transfer(…) -> 3, 4 [12, 80]", for messages.
std::string describe(const Scenario &scenario, const Operation &operation);

} // namespace symtest::lin

#endif // SYM_TEST_LINEARIZABILITY_HISTORY_H
