//===- Checker.cpp - Is a history linearizable? ---------------------------===//

#include "Checker.h"

#include <algorithm>
#include <stdint.h>
#include <string.h>
#include <unordered_set>

using namespace symtest::lin;

namespace {
class Search {
public:
  Search(const Scenario &scenario, const History &history)
      : scenario(scenario), history(history), next(history.size(), 0) {
    for (const auto &thread : history)
      total += thread.size();
  }

  std::string run(const State &initial) {
    // A node is a set of operations that are in order already, which is a count
    // per thread, and the state behind them.
    deepestState = initial;
    deepestNext = next;
    std::vector<Node> path;
    path.push_back({-1, initial, candidates(), 0});
    while (!path.empty()) {
      Node &node = path.back();
      if (path.size() == total + 1)
        return "";
      if (node.tried == node.candidates.size()) {
        if (node.thread >= 0)
          --next[size_t(node.thread)];
        path.pop_back();
        continue;
      }
      int thread = node.candidates[node.tried++];
      State state = node.state;
      const Operation &op = history[size_t(thread)][next[size_t(thread)]];
      if (!apply(scenario, op, state))
        continue;
      ++next[size_t(thread)];
      if (!seen.insert(key(state)).second) {
        --next[size_t(thread)];
        continue;
      }
      path.push_back({thread, state, candidates(), 0});
      if (path.size() > deepest.size())
        remember(path);
    }
    return explain();
  }

private:
  struct Node {
    int thread; ///< whose operation led here; -1 at the start
    State state;
    std::vector<int> candidates;
    size_t tried;
  };

  /// Threads whose next operation may come next: none that is left ended before
  /// it started. The first to end is tried first, as it is the likely one.
  std::vector<int> candidates() const {
    int64_t firstEnd = INT64_MAX;
    for (size_t t = 0; t < history.size(); ++t)
      if (next[t] < history[t].size())
        firstEnd = std::min(firstEnd, history[t][next[t]].end);
    std::vector<int> result;
    for (size_t t = 0; t < history.size(); ++t)
      if (next[t] < history[t].size() && history[t][next[t]].start <= firstEnd)
        result.push_back(int(t));
    std::sort(result.begin(), result.end(), [&](int a, int b) {
      return history[size_t(a)][next[size_t(a)]].end <
             history[size_t(b)][next[size_t(b)]].end;
    });
    return result;
  }

  std::string key(const State &state) const {
    std::string result(reinterpret_cast<const char *>(&state.borrowed),
                       sizeof(state.borrowed));
    result.append(reinterpret_cast<const char *>(state.values),
                  scenario.policies.size() * sizeof(int64_t));
    for (size_t n : next) {
      uint32_t count = uint32_t(n);
      result.append(reinterpret_cast<const char *>(&count), sizeof(count));
    }
    return result;
  }

  void remember(const std::vector<Node> &path) {
    deepest.clear();
    for (const Node &node : path)
      deepest.push_back(node.thread);
    deepestState = path.back().state;
    deepestNext = next;
  }

  std::string explain() const {
    std::string text = "no order explains the history; the longest that does "
                       "ends with\n";
    std::vector<size_t> at(history.size(), 0);
    constexpr size_t kShown = 12;
    for (size_t i = 1; i < deepest.size(); ++i) {
      size_t t = size_t(deepest[i]);
      const Operation &op = history[t][at[t]++];
      if (i + kShown >= deepest.size())
        text += "  thread " + std::to_string(t) + ": " +
                describe(scenario, op) + "\n";
    }
    text += "and leaves the values";
    for (size_t v = 0; v < scenario.policies.size(); ++v)
      text += " " + std::to_string(deepestState.values[v]);
    text += ", which explain none of\n";
    for (size_t t = 0; t < history.size(); ++t)
      if (deepestNext[t] < history[t].size())
        text += "  thread " + std::to_string(t) + ": " +
                describe(scenario, history[t][deepestNext[t]]) + "\n";
    return text;
  }

  const Scenario &scenario;
  const History &history;
  std::vector<size_t> next; ///< per thread: how many are in order
  size_t total = 0;
  std::unordered_set<std::string> seen;
  std::vector<int> deepest;
  State deepestState;
  std::vector<size_t> deepestNext;
};
} // namespace

std::string symtest::lin::checkHistory(const Scenario &scenario,
                                       const State &initial,
                                       const History &history) {
  return Search(scenario, history).run(initial);
}
