//===- Store.h - A scenario's variables and functions -----------*- C++ -*-===//
//
// Makes what a scenario describes, and runs single operations on it. Every
// function is a program of its own, as if compiled separately.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_TEST_LINEARIZABILITY_STORE_H
#define SYM_TEST_LINEARIZABILITY_STORE_H

#include "../Runtime/Programs.h"
#include "History.h"

#include <atomic>
#include <memory>

namespace symtest::lin {

class Store {
public:
  explicit Store(const Scenario &scenario);
  /// Every session must be gone.
  ~Store();
  Store(const Store &) = delete;

  State initialState() const { return initial; }
  /// A read of every variable, for the end of a round.
  std::vector<Operation> readAll();

  /// Faults that no order of operations could explain: a value whose elements
  /// differ, a pinned or lent value that changed, an unexpected status.
  std::string takeFault();
  void fault(const std::string &text);

  /// What one thread holds: pins, and a write borrow per variable. Only that
  /// thread uses it.
  class Session {
  public:
    explicit Session(Store &store);
    ~Session();
    Session(const Session &) = delete;
    /// Runs `operation` and records how it went.
    void run(Operation &operation);

  private:
    struct Pinned {
      sym_array *array;
      int64_t value;
    };
    void call(Operation &operation);
    void snapshot(Operation &operation);
    void publish(Operation &operation);
    void lend(Operation &operation);
    void beginWrite(Operation &operation);
    void keepPin(sym_array *array, int64_t value);
    void dropPin(size_t index);

    Store &store;
    std::vector<Pinned> pins;
    std::vector<sym_write_borrow *> borrows; ///< per variable
  };

private:
  friend class Session;
  int64_t uniform(const sym_tensor &tensor, const char *what);
  sym_tensor tensorOf(std::vector<int64_t> &data, const int64_t &length) const {
    return {data.data(), SYM_ELEMENT_I64, 1, &length, nullptr};
  }

  const Scenario &scenario;
  int64_t length;
  State initial;
  std::vector<std::unique_ptr<ProgramBuilder>> builders;
  std::vector<sym_variable *> variables;
  std::vector<sym_function *> functions;
  std::atomic<bool> faulty{false};
  std::string faultText;
  std::atomic<int64_t> lent{0}; ///< not yet released
};

/// Nanoseconds of a clock that all threads share.
int64_t now();

} // namespace symtest::lin

#endif // SYM_TEST_LINEARIZABILITY_STORE_H
