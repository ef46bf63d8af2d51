//===- Checker.h - Is a history linearizable? -------------------*- C++ -*-===//
//
// The search of Wing and Gong, with Lowe's memory of what was tried: an order
// of all operations that respects real time and that the model explains. States
// hold all variables, so what is shown is linearizability of the whole store,
// not of one variable at a time.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_TEST_LINEARIZABILITY_CHECKER_H
#define SYM_TEST_LINEARIZABILITY_CHECKER_H

#include "History.h"

namespace symtest::lin {

/// Empty if some order explains `history` from `initial` on, else a text with
/// the longest explanation and the operations that do not fit behind it. An
/// operation precedes another if it ended before that one started; those of one
/// thread follow each other.
std::string checkHistory(const Scenario &scenario, const State &initial,
                         const History &history);

} // namespace symtest::lin

#endif // SYM_TEST_LINEARIZABILITY_CHECKER_H
