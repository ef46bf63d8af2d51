//===- History.cpp - The sequential meaning of operations -----------------===//

#include "History.h"

using namespace symtest::lin;

static bool applyCall(const Scenario &scenario, const Operation &op,
                      State &state) {
  const FunctionSpec &f = scenario.functions[size_t(op.variable)];
  const int64_t *p = op.arguments.data();
  for (const FunctionSpec::Update &update : f.updates)
    if (state.borrowed & (1u << update.variable))
      return op.status == SYM_BORROWED; // B3
  int64_t sources[kMaxVariables];
  for (size_t k = 0; k < f.reads.size(); ++k)
    sources[k] = state.values[f.reads[k]];
  int64_t checked = p[CallProgram::CheckSource];
  if (checked >= 0 && sources[checked] < p[CallProgram::Threshold])
    return op.status == SYM_CHECK_FAILED; // T4: and nothing has changed
  if (op.status != SYM_OK)
    return false;
  // T3: results come from the values before.
  size_t numUpdates = f.updates.size();
  for (int i = 0; i < f.numResults; ++i)
    if (op.results[size_t(i)] !=
        int64_t(CallProgram::evaluate(p, int(numUpdates) + i, sources)))
      return false;
  for (size_t i = 0; i < f.handed.size(); ++i)
    if (op.results[size_t(f.numResults) + i] != sources[f.handed[i]])
      return false;
  // T2: so do updates.
  for (size_t u = 0; u < numUpdates; ++u)
    state.values[f.updates[u].variable] =
        f.updates[u].kind == SYM_KIND_MOVED
            ? sources[f.updates[u].from]
            : int64_t(CallProgram::evaluate(p, int(u), sources));
  return true;
}

bool symtest::lin::apply(const Scenario &scenario, const Operation &op,
                         State &state) {
  uint32_t bit = 1u << (op.kind == Kind::Call ? 0 : op.variable);
  switch (op.kind) {
  case Kind::Call:
    return applyCall(scenario, op, state);
  case Kind::Get:
  case Kind::Pin:
    return op.status == SYM_OK && op.results[0] == state.values[op.variable];
  case Kind::Set:
  case Kind::SetLent:
    if (state.borrowed & bit)
      return op.status == SYM_BORROWED;
    state.values[op.variable] = op.arguments[0];
    return op.status == SYM_OK;
  case Kind::BeginWrite:
    if (state.borrowed & bit)
      return op.status == SYM_BORROWED;
    state.borrowed |= bit;
    return op.status == SYM_OK && op.results[0] == state.values[op.variable];
  case Kind::Commit:
    state.values[op.variable] = op.arguments[0];
    state.borrowed &= ~bit;
    return op.status == SYM_OK;
  case Kind::Rollback:
    state.borrowed &= ~bit;
    return true;
  case Kind::Snapshot:
    for (size_t i = 0; i < op.variables.size(); ++i)
      if (op.results[i] != state.values[op.variables[i]])
        return false;
    return op.status == SYM_OK;
  case Kind::Publish:
    for (int v : op.variables)
      if (state.borrowed & (1u << v))
        return op.status == SYM_BORROWED;
    for (size_t i = 0; i < op.variables.size(); ++i)
      state.values[op.variables[i]] = op.arguments[i];
    return op.status == SYM_OK;
  }
  return false;
}

std::string symtest::lin::describe(const Scenario &scenario,
                                   const Operation &op) {
  static const char *const names[] = {
      "call",       "get",    "set",      "lend",     "pin",
      "beginWrite", "commit", "rollback", "snapshot", "publish"};
  std::string text;
  auto list = [&](const auto &values) {
    for (size_t i = 0; i < values.size(); ++i)
      text += (i ? ", " : "") + std::to_string(values[i]);
  };
  if (op.kind == Kind::Call)
    text = scenario.functions[size_t(op.variable)].name;
  else
    text = names[int(op.kind)] + (" v" + std::to_string(op.variable));
  text += "(";
  list(op.variables);
  text += op.variables.empty() ? "" : "; ";
  list(op.arguments);
  text += ") -> ";
  if (op.status)
    text += sym_status_name(op.status);
  else
    list(op.results);
  return text + " [" + std::to_string(op.start) + ", " +
         std::to_string(op.end) + "]";
}
