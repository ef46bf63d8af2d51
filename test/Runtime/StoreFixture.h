//===- StoreFixture.h - An instance for each policy -------------*- C++ -*-===//
//
// Every rule that holds for every policy is tested for each. `relaxed` is held
// to all of them, for what it waives (T7) takes several threads to be seen.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_TEST_RUNTIME_STOREFIXTURE_H
#define SYM_TEST_RUNTIME_STOREFIXTURE_H

#include "Policies.h"
#include "Programs.h"
#include "store/Variable.h"

namespace symtest {

class Store : public testing::TestWithParam<int32_t> {
protected:
  Store() : instance(mainProgram(GetParam())) {}
  /// A borrow of a relaxed variable is a copy (T7), but on a device.
  bool borrowsCopy() const {
    return GetParam() == SYM_POLICY_RELAXED && !kOnDevice;
  }
  Instance instance;
};

/// Where a variable's value lies now.
inline const void *dataOf(sym_variable *variable) {
  return variable->value()->data; // a borrow of a relaxed one is a copy
}

} // namespace symtest

#endif // SYM_TEST_RUNTIME_STOREFIXTURE_H
