//===- Policies.h - Tests for each policy of updates ------------*- C++ -*-===//

#ifndef SYM_TEST_RUNTIME_POLICIES_H
#define SYM_TEST_RUNTIME_POLICIES_H

#include "sym/Runtime/abi.h"

#include <gtest/gtest.h>

#include <string>

namespace symtest {

inline std::string policyName(const testing::TestParamInfo<int32_t> &info) {
  const char *names[] = {"InPlace", "DoubleBuffer", "Relaxed"};
  return names[info.param];
}

#define SYM_FOR_EVERY_POLICY(suite)                                            \
  INSTANTIATE_TEST_SUITE_P(Policies, suite,                                    \
                           testing::Values(int32_t(SYM_POLICY_INPLACE),        \
                                           int32_t(SYM_POLICY_DOUBLE_BUFFER),  \
                                           int32_t(SYM_POLICY_RELAXED)),       \
                           policyName)

/// The policies under which several threads see one order (T5, T7).
#define SYM_FOR_LINEARIZABLE_POLICIES(suite)                                   \
  INSTANTIATE_TEST_SUITE_P(Policies, suite,                                    \
                           testing::Values(int32_t(SYM_POLICY_INPLACE),        \
                                           int32_t(SYM_POLICY_DOUBLE_BUFFER)), \
                           policyName)

} // namespace symtest

#endif // SYM_TEST_RUNTIME_POLICIES_H
