//===- Store.cpp - A scenario's variables and functions -------------------===//

#include "Store.h"
#include "Perturb.h"
#include "store/Variable.h"

#include <algorithm>
#include <time.h>

using namespace symtest;
using namespace symtest::lin;
namespace rt = sym::rt;

int64_t symtest::lin::now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return int64_t(time.tv_sec) * 1000000000 + time.tv_nsec;
}

//===----------------------------------------------------------------------===//
// The two entries
//===----------------------------------------------------------------------===//

namespace {
/// Sources whose elements differed: a call saw half of an update.
std::atomic<int64_t> tornSources{0};

const int32_t kCheckTypes[] = {SYM_ELEMENT_I64};
const sym_check_site kCheck = {SYM_CHECK_FAILED, 1, kCheckTypes,
                               "{0} is too small", "scenario.mlir:1:1"};

int64_t *elements(const sym_view &view) {
  return static_cast<int64_t *>(view.data);
}

/// Slowly, so that others meet a half-written value if nothing keeps them out.
void fill(const sym_view &view, int64_t count, int64_t value) {
  for (int64_t i = 0; i < count; ++i) {
    elements(view)[i] = value;
    if (i % 8 == 0)
      perturb();
  }
}

bool isInPlace(const int64_t *p, int u, bool inPlace) {
  return inPlace && p[CallProgram::kinds() + u] == SYM_KIND_INPLACE;
}

int32_t evaluate(sym_frame *f, bool inPlace) {
  const int64_t *p = elements(f->args[0]);
  int numReads = int(p[CallProgram::NumReads]);
  int numUpdates = int(p[CallProgram::NumUpdates]);
  int numResults = int(p[CallProgram::NumResults]);
  int numHanded = int(p[CallProgram::NumHanded]);
  int firstUpdate = numResults + numHanded;
  int64_t sources[kMaxVariables];
  for (int k = 0; k < numReads; ++k) {
    perturb();
    sources[k] = elements(f->sources[k])[0];
    for (int64_t i = 1; i < f->sources[k].sizes[0]; ++i)
      if (elements(f->sources[k])[i] != sources[k])
        tornSources.fetch_add(1, std::memory_order_relaxed);
  }
  for (int i = 0; i < numResults; ++i) {
    if (!sym_rt_result(f, i, nullptr))
      return -1;
    *elements(f->slots[i]) =
        int64_t(CallProgram::evaluate(p, numUpdates + i, sources));
  }
  for (int i = 0; i < numHanded; ++i)
    if (sym_rt_result_from_source(f, numResults + i,
                                  int32_t(p[CallProgram::handed(p) + i])))
      return -1;
  // Out of place a check may follow writes: they go to private memory.
  int64_t length = numReads ? f->sources[0].sizes[0] : f->args[1].sizes[0];
  for (int u = 0; u < numUpdates; ++u) {
    if (p[CallProgram::kinds() + u] == SYM_KIND_MOVED ||
        isInPlace(p, u, inPlace))
      continue;
    if (!sym_rt_result(f, firstUpdate + u, &length))
      return -1;
    fill(f->slots[firstUpdate + u], length,
         int64_t(CallProgram::evaluate(p, u, sources)));
  }
  int64_t checked = p[CallProgram::CheckSource];
  if (checked >= 0 && sources[checked] < p[CallProgram::Threshold])
    return sym_rt_fail(f, &kCheck, &sources[checked]);
  for (int u = 0; u < numUpdates; ++u)
    if (isInPlace(p, u, inPlace))
      fill(f->slots[firstUpdate + u], length,
           int64_t(CallProgram::evaluate(p, u, sources)));
  return SYM_OK;
}

int32_t evaluateInPlace(sym_frame *f) { return evaluate(f, true); }
int32_t evaluateElsewhere(sym_frame *f) { return evaluate(f, false); }
} // namespace

//===----------------------------------------------------------------------===//
// Setting up
//===----------------------------------------------------------------------===//

Store::Store(const Scenario &scenario)
    : scenario(scenario), length(scenario.length) {
  for (size_t v = 0; v < scenario.policies.size(); ++v) {
    initial.values[v] = 1000 * int64_t(v + 1);
    std::vector<int64_t> data(size_t(length), initial.values[v]);
    sym_tensor value = tensorOf(data, length);
    const int64_t dynamic = SYM_DYNAMIC;
    sym_variable *variable = nullptr;
    EXPECT_OK(sym_variable_create(("v" + std::to_string(v)).c_str(),
                                  {SYM_ELEMENT_I64, 1, &dynamic},
                                  scenario.policies[v], &value, &variable));
    variables.push_back(variable);
  }
  for (const FunctionSpec &spec : scenario.functions) {
    builders.push_back(std::make_unique<ProgramBuilder>());
    ProgramBuilder &p = *builders.back();
    sym_type_desc vector = p.type(SYM_ELEMENT_I64, {SYM_DYNAMIC});
    sym_type_desc scalar = p.type(SYM_ELEMENT_I64, {});
    ProgramBuilder::Function f;
    f.name = spec.name.c_str();
    f.args = {value("program", vector), value("like", vector)};
    for (int i = 0; i < spec.numResults; ++i)
      f.results.push_back(value(nullptr, scalar));
    for (size_t i = 0; i < spec.handed.size(); ++i)
      f.results.push_back(value(nullptr, vector));
    std::vector<int> used = spec.reads;
    f.numReads = int32_t(used.size());
    for (const FunctionSpec::Update &update : spec.updates) {
      auto at = std::find(used.begin(), used.end(), update.variable);
      int32_t place = int32_t(at - used.begin());
      if (at == used.end())
        used.push_back(update.variable);
      f.updates.push_back(update.kind == SYM_KIND_INPLACE ? inPlace(place)
                          : update.kind == SYM_KIND_MOVED
                              ? moved(place, update.from)
                              : fresh(place));
    }
    std::vector<sym_variable *> bound;
    for (int v : used) {
      f.variables.push_back(p.variable(sym_variable_name(variables[size_t(v)]),
                                       vector, scenario.policies[size_t(v)]));
      bound.push_back(variables[size_t(v)]);
    }
    f.inplace = evaluateInPlace;
    f.outofplace = evaluateElsewhere;
    p.function(f);
    sym_function *function = nullptr;
    EXPECT_OK(sym_function_bind(p.program(), 0, bound.data(),
                                int32_t(bound.size()), &function));
    functions.push_back(function);
  }
}

Store::~Store() {
  for (sym_function *function : functions)
    sym_function_release(function);
  for (sym_variable *variable : variables)
    sym_variable_release(variable);
  EXPECT_EQ(lent.load(), 0) << "a lender was not told";
}

void Store::fault(const std::string &text) {
  if (!faulty.exchange(true))
    faultText = text;
}

std::string Store::takeFault() {
  if (tornSources.exchange(0))
    fault("a call saw half of an update");
  return faulty.load() ? faultText : std::string();
}

int64_t Store::uniform(const sym_tensor &tensor, const char *what) {
  const int64_t *data = static_cast<const int64_t *>(tensor.data);
  for (int64_t i = 1; i < tensor.sizes[0]; ++i)
    if (data[i] != data[0])
      fault(std::string(what) + " shows half of an update");
  return data[0];
}

std::vector<Operation> Store::readAll() {
  std::vector<Operation> result;
  Session session(*this);
  for (size_t v = 0; v < variables.size(); ++v) {
    Operation op;
    op.kind = Kind::Get;
    op.variable = int(v);
    session.run(op);
    result.push_back(op);
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

Store::Session::Session(Store &store)
    : store(store), borrows(store.variables.size(), nullptr) {}

Store::Session::~Session() {
  while (!pins.empty())
    dropPin(0);
  for (sym_write_borrow *borrow : borrows)
    if (borrow)
      sym_write_borrow_rollback(borrow);
}

void Store::Session::keepPin(sym_array *array, int64_t value) {
  pins.push_back({array, value});
  // They pile up a little and go in another order than they came.
  if (pins.size() > 3)
    dropPin(size_t(value) % pins.size());
}

void Store::Session::dropPin(size_t index) {
  Pinned pin = pins[index];
  pins.erase(pins.begin() + std::ptrdiff_t(index));
  if (store.uniform(sym_array_view(pin.array), "a pin") != pin.value)
    store.fault("a pinned value changed"); // B2
  sym_array_release(pin.array);
}

void Store::Session::call(Operation &op) {
  const FunctionSpec &spec = store.scenario.functions[size_t(op.variable)];
  int64_t size = int64_t(op.arguments.size());
  std::vector<int64_t> like(size_t(store.length), 0);
  sym_tensor args[] = {store.tensorOf(op.arguments, size),
                       store.tensorOf(like, store.length)};
  // Results go to memory of the caller and to arrays in turn.
  bool direct = op.arguments.back() % 2 == 0;
  size_t numResults = size_t(spec.numResults);
  op.results.assign(numResults, 0);
  std::vector<sym_result> slots(numResults + spec.handed.size(), sym_result{});
  if (direct)
    for (size_t i = 0; i < numResults; ++i)
      slots[i] = {&op.results[i], 8, nullptr, nullptr};
  op.start = now();
  op.status = sym_call(store.functions[size_t(op.variable)], args, 2,
                       slots.data(), int32_t(slots.size()));
  op.end = now();
  if (op.status) {
    op.results.clear();
    if (op.status != SYM_BORROWED && op.status != SYM_CHECK_FAILED)
      store.fault(std::string("a call failed: ") + sym_error_message());
    return;
  }
  if (!direct)
    for (size_t i = 0; i < numResults; ++i) {
      op.results[i] =
          *static_cast<int64_t *>(sym_array_view(slots[i].array).data);
      sym_array_release(slots[i].array);
    }
  for (size_t i = numResults; i < slots.size(); ++i) {
    int64_t value =
        store.uniform(sym_array_view(slots[i].array), "a handed result");
    op.results.push_back(value);
    keepPin(slots[i].array, value);
  }
}

void Store::Session::snapshot(Operation &op) {
  std::vector<rt::Variable *> chosen;
  for (int v : op.variables)
    chosen.push_back(store.variables[size_t(v)]);
  std::vector<rt::Buffer *> taken(chosen.size());
  op.start = now();
  rt::snapshot(chosen.data(), int(chosen.size()), taken.data());
  op.end = now();
  for (rt::Buffer *pin : taken) {
    op.results.push_back(store.uniform(sym_array_view(pin), "a snapshot"));
    rt::releaseBuffer(pin);
  }
}

void Store::Session::publish(Operation &op) {
  std::vector<rt::Variable *> chosen;
  std::vector<rt::Buffer *> values;
  for (size_t i = 0; i < op.variables.size(); ++i) {
    chosen.push_back(store.variables[size_t(op.variables[i])]);
    std::vector<int64_t> data(size_t(store.length), op.arguments[i]);
    values.push_back(rt::copyTensor(store.tensorOf(data, store.length)));
  }
  op.start = now();
  op.status = rt::publish(chosen.data(), int(chosen.size()), values.data());
  op.end = now();
  for (rt::Buffer *value : values)
    rt::releaseBuffer(value);
}

namespace {
struct Loan {
  std::vector<int64_t> data;
  std::atomic<int64_t> *count;
};
} // namespace

void Store::Session::lend(Operation &op) {
  auto *loan = new Loan{
      std::vector<int64_t>(size_t(store.length), op.arguments[0]), &store.lent};
  store.lent.fetch_add(1);
  auto release = [](void *context) {
    auto *mine = static_cast<Loan *>(context);
    mine->count->fetch_sub(1);
    delete mine; // sanitizers see whoever reads on
  };
  sym_tensor tensor = store.tensorOf(loan->data, store.length);
  op.start = now();
  op.status = sym_variable_set_lent(store.variables[size_t(op.variable)],
                                    &tensor, release, loan);
  op.end = now();
  if (op.status)
    release(loan);
}

void Store::Session::beginWrite(Operation &op) {
  sym_write_borrow *borrow = nullptr;
  op.start = now();
  op.status =
      sym_variable_borrow_mut(store.variables[size_t(op.variable)], &borrow);
  op.end = now();
  if (op.status)
    return;
  borrows[size_t(op.variable)] = borrow;
  op.results = {store.uniform(sym_write_borrow_view(borrow), "a write borrow")};
}

void Store::Session::run(Operation &op) {
  op.ran = true;
  op.status = SYM_OK;
  sym_variable *variable =
      op.kind == Kind::Call ? nullptr : store.variables[size_t(op.variable)];
  sym_array *array = nullptr;
  switch (op.kind) {
  case Kind::Call:
    return call(op);
  case Kind::Snapshot:
    return snapshot(op);
  case Kind::Publish:
    return publish(op);
  case Kind::SetLent:
    return lend(op);
  case Kind::BeginWrite:
    return beginWrite(op);
  case Kind::Get:
  case Kind::Pin: {
    bool pin = op.kind == Kind::Pin;
    op.start = now();
    op.status = pin ? sym_variable_borrow(variable, &array)
                    : sym_variable_get(variable, &array);
    op.end = now();
    int64_t value =
        store.uniform(sym_array_view(array), pin ? "a pin" : "a get");
    op.results = {value};
    if (pin)
      keepPin(array, value);
    else
      sym_array_release(array);
    return;
  }
  case Kind::Set: {
    std::vector<int64_t> data(size_t(store.length), op.arguments[0]);
    sym_tensor tensor = store.tensorOf(data, store.length);
    op.start = now();
    op.status = sym_variable_set(variable, &tensor);
    op.end = now();
    return;
  }
  case Kind::Commit:
  case Kind::Rollback: {
    sym_write_borrow *borrow =
        std::exchange(borrows[size_t(op.variable)], nullptr);
    op.ran = borrow != nullptr;
    if (!borrow)
      return;
    if (op.kind == Kind::Commit) {
      auto *data = static_cast<int64_t *>(sym_write_borrow_view(borrow).data);
      for (int64_t i = 0; i < store.length; ++i)
        data[i] = op.arguments[0];
    }
    op.start = now();
    if (op.kind == Kind::Commit)
      op.status = sym_write_borrow_commit(borrow);
    else
      sym_write_borrow_rollback(borrow);
    op.end = now();
    return;
  }
  }
}
