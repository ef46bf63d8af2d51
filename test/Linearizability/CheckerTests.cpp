//===- CheckerTests.cpp - The checker accepts and rejects -----------------===//

#include "Checker.h"

#include <gtest/gtest.h>

using namespace symtest::lin;

namespace {
/// Two variables; function 0 adds one to v0 and returns the old value, function
/// 1 reads both, function 2 sets v1 to v0.
Scenario small() {
  Scenario s;
  s.name = "small";
  s.policies = {SYM_POLICY_INPLACE, SYM_POLICY_INPLACE};
  s.functions = {{"add", {0}, {{0, SYM_KIND_INPLACE, -1}}, 1, {}, true},
                 {"read", {0, 1}, {}, 2, {}, false},
                 {"assign", {0}, {{1, SYM_KIND_FRESH, -1}}, 0, {}, false},
                 {"assignBack", {1}, {{0, SYM_KIND_FRESH, -1}}, 0, {}, false}};
  return s;
}

Operation op(Kind kind, int variable, int64_t start, int64_t end,
             std::vector<int64_t> arguments, std::vector<int64_t> results,
             sym_status status = SYM_OK) {
  Operation o;
  o.kind = kind;
  o.variable = variable;
  o.start = start;
  o.end = end;
  o.arguments = std::move(arguments);
  o.results = std::move(results);
  o.status = status;
  o.ran = true;
  return o;
}
Operation add(int64_t start, int64_t end, int64_t old) {
  return op(Kind::Call, 0, start, end,
            {-1, 0, 1, 1, 1, 0, SYM_KIND_INPLACE, 1, 1, 0, 1}, {old});
}
Operation failingAdd(int64_t start, int64_t end, sym_status status) {
  return op(Kind::Call, 0, start, end,
            {0, 1000, 1, 1, 1, 0, SYM_KIND_INPLACE, 1, 1, 0, 1}, {0}, status);
}
Operation read(int64_t start, int64_t end, int64_t a, int64_t b) {
  return op(Kind::Call, 1, start, end, {-1, 0, 2, 0, 2, 0, 0, 1, 0, 0, 0, 1},
            {a, b});
}
Operation assign(int function, int64_t start, int64_t end) {
  return op(Kind::Call, function, start, end,
            {-1, 0, 1, 1, 0, 0, SYM_KIND_FRESH, 0, 1}, {});
}
Operation set(int variable, int64_t start, int64_t end, int64_t value,
              sym_status status = SYM_OK) {
  return op(Kind::Set, variable, start, end, {value}, {}, status);
}
Operation get(int variable, int64_t start, int64_t end, int64_t value) {
  return op(Kind::Get, variable, start, end, {}, {value});
}

bool accepts(const History &history, int64_t a = 0, int64_t b = 0) {
  State initial;
  initial.values[0] = a;
  initial.values[1] = b;
  return checkHistory(small(), initial, history).empty();
}
} // namespace

TEST(Checker, AcceptsOverlappingOperationsInEitherOrder) {
  EXPECT_TRUE(accepts({{add(0, 10, 0)}, {add(1, 9, 1)}}));
  EXPECT_TRUE(accepts({{add(0, 10, 1)}, {add(1, 9, 0)}}));
  EXPECT_TRUE(accepts({{}, {}}));
}

TEST(Checker, RejectsALostUpdate) {
  EXPECT_FALSE(accepts({{add(0, 10, 0)}, {add(1, 9, 0)}}));
  EXPECT_FALSE(accepts({{add(0, 10, 0)}, {add(1, 9, 1)}, {get(0, 20, 21, 1)}}));
}

TEST(Checker, RejectsAnOrderAgainstRealTime) {
  EXPECT_FALSE(accepts({{add(0, 1, 1)}, {add(2, 3, 0)}}));
  EXPECT_FALSE(accepts({{set(0, 0, 1, 7)}, {get(0, 2, 3, 0)}}));
  EXPECT_TRUE(accepts({{set(0, 0, 2, 7)}, {get(0, 2, 3, 0)}}));
}

TEST(Checker, RejectsATornSnapshot) {
  History history = {{set(0, 0, 1, 5), set(1, 2, 3, 6)}, {}};
  history[1] = {read(0, 9, 0, 6)};
  EXPECT_FALSE(accepts(history));
  history[1] = {read(0, 9, 5, 0)};
  EXPECT_TRUE(accepts(history));
}

TEST(Checker, RejectsOrdersThatOneVariableAtATimeWouldAllow) {
  // Each reader's pair is possible, and each variable by itself too.
  EXPECT_FALSE(accepts({{set(0, 0, 10, 1)},
                        {set(1, 0, 10, 1)},
                        {read(0, 10, 1, 0)},
                        {read(0, 10, 0, 1)}}));
}

TEST(Checker, RejectsWriteSkew) {
  // After a := b and b := a the values are equal in every order.
  History history = {{assign(2, 0, 10)},
                     {assign(3, 0, 10)},
                     {get(0, 20, 21, 2), get(1, 22, 23, 1)}};
  EXPECT_FALSE(accepts(history, 1, 2));
  history[2] = {get(0, 20, 21, 1), get(1, 22, 23, 1)};
  EXPECT_TRUE(accepts(history, 1, 2));
}

TEST(Checker, RejectsAFailureThatChangedSomething) {
  EXPECT_TRUE(accepts({{failingAdd(0, 1, SYM_CHECK_FAILED), get(0, 2, 3, 0)}}));
  EXPECT_FALSE(
      accepts({{failingAdd(0, 1, SYM_CHECK_FAILED), get(0, 2, 3, 1)}}));
  EXPECT_FALSE(accepts({{failingAdd(0, 1, SYM_OK)}}));
}

TEST(Checker, B3_KnowsWriteBorrows) {
  Operation begin = op(Kind::BeginWrite, 0, 0, 1, {}, {0});
  EXPECT_TRUE(accepts(
      {{begin, op(Kind::Commit, 0, 10, 11, {8}, {})},
       {set(0, 2, 3, 7, SYM_BORROWED), get(0, 4, 5, 0), get(0, 12, 13, 8)}}));
  EXPECT_FALSE(accepts(
      {{begin, op(Kind::Commit, 0, 10, 11, {8}, {})}, {set(0, 2, 3, 7)}}));
  EXPECT_FALSE(accepts({{begin, op(Kind::Rollback, 0, 2, 3, {}, {})},
                        {set(0, 4, 5, 7, SYM_BORROWED)}}));
}

TEST(Checker, NamesWhatDoesNotFit) {
  std::string text =
      checkHistory(small(), State(), {{add(0, 1, 0)}, {get(0, 2, 3, 5)}});
  EXPECT_NE(text.find("thread 0: add("), std::string::npos) << text;
  EXPECT_NE(text.find("thread 1: get v0() -> 5 [2, 3]"), std::string::npos)
      << text;
}
