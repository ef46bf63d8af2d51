//===- Scenarios.cpp - What is run ----------------------------------------===//

#include "Runner.h"

#include <algorithm>
#include <random>

using namespace symtest::lin;

namespace {
constexpr int32_t P = SYM_POLICY_INPLACE, D = SYM_POLICY_DOUBLE_BUFFER;
constexpr int kIn = SYM_KIND_INPLACE, kFresh = SYM_KIND_FRESH,
              kMoved = SYM_KIND_MOVED;

FunctionSpec function(std::string name, std::vector<int> reads,
                      std::vector<FunctionSpec::Update> updates,
                      int results = 0, std::vector<int> handed = {},
                      bool checks = false) {
  return {std::move(name), std::move(reads),  std::move(updates),
          results,         std::move(handed), checks};
}

/// A function that reads `variables` and updates each of them.
FunctionSpec updateAll(std::string name, const std::vector<int> &variables,
                       int kind, int results) {
  FunctionSpec f = function(std::move(name), variables, {}, results);
  for (int v : variables)
    f.updates.push_back({v, kind, -1});
  return f;
}

std::vector<int> range(int count) {
  std::vector<int> all;
  for (int i = 0; i < count; ++i)
    all.push_back(i);
  return all;
}

const std::vector<Scenario::Weight> kCalls = {{Kind::Call, 1}};
const std::vector<Scenario::Weight> kEverything = {
    {Kind::Call, 10},    {Kind::Get, 3},    {Kind::Set, 2},
    {Kind::SetLent, 1},  {Kind::Pin, 3},    {Kind::BeginWrite, 2},
    {Kind::Snapshot, 2}, {Kind::Publish, 1}};
} // namespace

std::vector<Scenario> symtest::lin::allScenarios() {
  std::vector<Scenario> all;
  auto add = [&](std::string name, std::vector<int32_t> policies, int length,
                 std::vector<FunctionSpec> functions,
                 std::vector<Scenario::Weight> weights, int threads = 4) {
    Scenario s;
    s.name = std::move(name);
    s.policies = std::move(policies);
    s.length = length;
    s.functions = std::move(functions);
    s.weights = std::move(weights);
    s.threads = threads;
    all.push_back(std::move(s));
  };

  // One variable.
  FunctionSpec add1 = updateAll("add", {0}, kIn, 1);
  FunctionSpec renew = updateAll("renew", {0}, kFresh, 1);
  add("counter", {P}, 1, {add1}, {{Kind::Call, 4}, {Kind::Get, 1}});
  add("counter-double", {D}, 1, {add1, renew},
      {{Kind::Call, 4}, {Kind::Get, 1}});
  add("counter-8-threads", {P}, 1, {add1}, {{Kind::Call, 4}, {Kind::Set, 1}},
      8);
  add("long-vector", {P}, 256, {add1, renew},
      {{Kind::Call, 4}, {Kind::Get, 2}, {Kind::Set, 1}});
  add("pins", {P}, 32,
      {add1, renew, function("old", {0}, {{0, kIn, -1}}, 1, {0}),
       function("replace", {0}, {{0, kFresh, -1}}, 0, {0}),
       function("peek", {0}, {}, 0, {0})},
      {{Kind::Call, 4}, {Kind::Pin, 3}, {Kind::Get, 1}});
  add("pins-double", {D}, 32,
      {add1, function("replace", {0}, {{0, kFresh, -1}}, 0, {0}),
       function("peek", {0}, {}, 0, {0})},
      {{Kind::Call, 4}, {Kind::Pin, 3}, {Kind::Get, 1}});
  add("write-borrows", {P}, 16, {add1, renew},
      {{Kind::Call, 4}, {Kind::Set, 2}, {Kind::BeginWrite, 3}, {Kind::Get, 2}});
  add("write-borrows-double", {D}, 16, {add1},
      {{Kind::Call, 4}, {Kind::Set, 2}, {Kind::BeginWrite, 3}, {Kind::Get, 2}});
  add("lent", {P, D}, 16,
      {updateAll("both", {0, 1}, kIn, 1), add1,
       function("peek", {1, 0}, {}, 1, {0, 1})},
      {{Kind::Call, 4}, {Kind::SetLent, 4}, {Kind::Pin, 2}, {Kind::Get, 1}});

  // Several variables, in place.
  FunctionSpec read2 = function("read2", {0, 1}, {}, 2);
  add("transfer", {P, P}, 8,
      {updateAll("transfer", {0, 1}, kIn, 1), updateAll("back", {1, 0}, kIn, 1),
       read2},
      {{Kind::Call, 6}, {Kind::Get, 1}, {Kind::Snapshot, 2}});
  add("read-many", {P, P, P, P, P, P, P, P}, 1,
      {updateAll("all", range(8), kIn, 0), function("read", range(8), {}, 8),
       updateAll("some", {6, 3, 1}, kFresh, 1)},
      {{Kind::Call, 6}, {Kind::Snapshot, 2}});
  add("checked", {P, P}, 8,
      {function("withdraw", {0, 1}, {{0, kIn, -1}, {1, kFresh, -1}}, 1, {},
                true),
       function("renew", {1}, {{1, kFresh, -1}}, 1, {}, true), read2},
      {{Kind::Call, 6}, {Kind::Pin, 1}, {Kind::Get, 1}});
  add("moves", {P, P, P}, 8,
      {function("swap", {0, 1}, {{0, kMoved, 1}, {1, kMoved, 0}}, 2),
       function("rotate", {2, 1, 0},
                {{2, kMoved, 1}, {1, kMoved, 2}, {0, kFresh, -1}}, 1, {0}),
       updateAll("add", {1}, kIn, 1), function("read", range(3), {}, 3)},
      {{Kind::Call, 6}, {Kind::Pin, 2}, {Kind::Set, 1}});
  // Each reads what the other writes: in-place variables are covered by locks
  // on what is read, and only three threads show that they are held long
  // enough.
  add("crossing", {P, P, P}, 4,
      {function("ab", {0, 1}, {{0, kFresh, -1}}, 1),
       function("bc", {1, 2}, {{1, kFresh, -1}}, 1),
       function("ca", {2, 0}, {{2, kFresh, -1}}, 1),
       function("read", range(3), {}, 3)},
      kCalls);
  add("orders", {P, P, P, P}, 2,
      {updateAll("up", {0, 1, 2, 3}, kIn, 1),
       updateAll("down", {3, 2, 1, 0}, kIn, 1),
       function("mixed", {2, 0, 3}, {{1, kFresh, -1}, {0, kIn, -1}}, 1),
       function("pair", {3, 1}, {{3, kIn, -1}}, 1)},
      kCalls);

  // Reads in a row, so that readers use slots (FairLock.h), and then an update.
  add("read-mostly", {P, P}, 8,
      {read2, read2, read2, read2, read2, read2, read2, read2, read2, read2,
       updateAll("transfer", {0, 1}, kIn, 1)},
      {{Kind::Call, 3}, {Kind::Get, 12}, {Kind::Pin, 1}});

  // Double-buffered ones.
  add("assign-each-other", {D, D}, 4,
      {function("toD", {0}, {{1, kFresh, -1}}, 1),
       function("toA", {1}, {{0, kFresh, -1}}, 1), read2},
      {{Kind::Call, 6}, {Kind::Set, 1}, {Kind::Snapshot, 1}});
  add("assign-mixed", {P, D}, 4,
      {function("toD", {0}, {{1, kFresh, -1}}, 1),
       function("toA", {1}, {{0, kFresh, -1}}, 1), read2},
      {{Kind::Call, 6}, {Kind::Set, 1}, {Kind::Snapshot, 1}});
  add("snapshots-double", {D, D, D, D, D, D}, 1,
      {updateAll("all", range(6), kFresh, 1),
       function("read", {5, 3, 1, 0, 2, 4}, {}, 6),
       function("peek", {4, 0, 2}, {}, 1, {0, 2})},
      {{Kind::Call, 6}, {Kind::Snapshot, 2}, {Kind::Get, 1}});
  add("publish", {D, P, D, P}, 4,
      {function("read", {3, 0, 2, 1}, {}, 4),
       updateAll("all", {0, 3, 1, 2}, kIn, 1)},
      {{Kind::Call, 5}, {Kind::Publish, 2}, {Kind::Snapshot, 2}});
  add("moves-double", {D, D, P}, 4,
      {function("swap", {0, 1}, {{0, kMoved, 1}, {1, kMoved, 0}}, 2),
       function("shift", {0, 1, 2},
                {{0, kMoved, 2}, {2, kMoved, 0}, {1, kFresh, -1}}, 1),
       function("read", {2, 1, 0}, {}, 3)},
      {{Kind::Call, 6}, {Kind::Pin, 1}, {Kind::Snapshot, 1}});

  // All kinds of operations at once.
  add("everything", {P, P}, 16,
      {add1, updateAll("both", {1, 0}, kIn, 2), read2,
       function("swap", {0, 1}, {{0, kMoved, 1}, {1, kMoved, 0}}, 0, {1})},
      kEverything);
  add("everything-double", {D, D}, 16,
      {add1, updateAll("both", {1, 0}, kFresh, 2), read2,
       function("swap", {0, 1}, {{0, kMoved, 1}, {1, kMoved, 0}}, 0, {1})},
      kEverything);
  add("everything-mixed", {P, D, P, D}, 8,
      {updateAll("inner", {1, 2}, kIn, 1), updateAll("outer", {3, 0}, kIn, 1),
       function("skew", {0, 1}, {{3, kFresh, -1}}, 1, {1}, true),
       function("weks", {3, 2}, {{0, kFresh, -1}}, 1, {0}, true),
       function("read", {2, 0, 3, 1}, {}, 4)},
      kEverything, 6);
  for (uint64_t seed = 1; seed <= 6; ++seed)
    all.push_back(randomScenario(seed));
  return all;
}

Scenario symtest::lin::randomScenario(uint64_t seed) {
  std::mt19937_64 random(seed * 7919);
  auto below = [&](int bound) { return int(random() % uint64_t(bound)); };
  Scenario s;
  s.name = "random-" + std::to_string(seed);
  int numVariables = 1 + below(6);
  for (int v = 0; v < numVariables; ++v)
    s.policies.push_back(below(2) ? P : D);
  s.length = 1 << (2 * below(4));
  s.threads = 4 + below(3);
  s.weights = kEverything;
  int numFunctions = 2 + below(4);
  for (int i = 0; i < numFunctions; ++i) {
    FunctionSpec f;
    f.name = "f" + std::to_string(i);
    std::vector<int> order = range(numVariables);
    std::shuffle(order.begin(), order.end(), random);
    f.reads.assign(order.begin(), order.begin() + 1 + below(numVariables));
    int numUpdates = below(numVariables + 1);
    std::shuffle(order.begin(), order.end(), random);
    for (int u = 0; u < numUpdates; ++u) {
      bool isRead = std::find(f.reads.begin(), f.reads.end(),
                              order[size_t(u)]) != f.reads.end();
      f.updates.push_back(
          {order[size_t(u)], isRead && below(2) ? kIn : kFresh, -1});
    }
    // Moves: two variables that are read and updated exchange their values.
    std::vector<size_t> both;
    for (size_t u = 0; u < f.updates.size(); ++u)
      if (std::find(f.reads.begin(), f.reads.end(), f.updates[u].variable) !=
          f.reads.end())
        both.push_back(u);
    if (both.size() >= 2 && below(2))
      for (int side = 0; side < 2; ++side) {
        FunctionSpec::Update &mine = f.updates[both[size_t(side)]];
        int other = f.updates[both[size_t(1 - side)]].variable;
        mine.kind = kMoved;
        mine.from = int(std::find(f.reads.begin(), f.reads.end(), other) -
                        f.reads.begin());
      }
    f.numResults = below(3);
    if (below(3) == 0)
      f.handed.push_back(below(int(f.reads.size())));
    f.checks = below(3) == 0;
    s.functions.push_back(std::move(f));
  }
  return s;
}

const Scenario *
symtest::lin::findScenario(const std::vector<Scenario> &scenarios,
                           const std::string &name) {
  for (const Scenario &scenario : scenarios)
    if (scenario.name == name)
      return &scenario;
  return nullptr;
}
