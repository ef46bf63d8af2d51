//===- StoreFixture.h - An instance for each policy -------------*- C++ -*-===//
//
// Every rule that holds for every policy is tested for each. `relaxed` is held
// to all of them: the runtime gives it the stronger in-place semantics.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_TEST_RUNTIME_STOREFIXTURE_H
#define SYM_TEST_RUNTIME_STOREFIXTURE_H

#include "Programs.h"

namespace symtest {

class Store : public testing::TestWithParam<int32_t> {
protected:
  Store() : instance(mainProgram(GetParam())) {}
  Instance instance;
};

inline std::string policyName(const testing::TestParamInfo<int32_t> &info) {
  const char *names[] = {"InPlace", "DoubleBuffer", "Relaxed"};
  return names[info.param];
}

/// Where a variable's value lies now.
inline const void *dataOf(sym_variable *variable) {
  sym_array *array;
  EXPECT_OK(sym_variable_borrow(variable, &array));
  const void *data = sym_array_view(array).data;
  sym_array_release(array);
  return data;
}

#define SYM_FOR_EVERY_POLICY(suite)                                            \
  INSTANTIATE_TEST_SUITE_P(Policies, suite,                                    \
                           testing::Values(int32_t(SYM_POLICY_INPLACE),        \
                                           int32_t(SYM_POLICY_DOUBLE_BUFFER),  \
                                           int32_t(SYM_POLICY_RELAXED)),       \
                           policyName)

} // namespace symtest

#endif // SYM_TEST_RUNTIME_STOREFIXTURE_H
