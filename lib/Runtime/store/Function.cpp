//===- Function.cpp - Bound functions -------------------------------------===//

#include "Function.h"
#include "Fork.h"
#include "Frame.h"
#include "InUse.h"

#include <new>
#include <stdio.h>

using namespace sym::rt;

namespace {
/// Cuts one block into the plan's arrays.
class Carver {
public:
  explicit Carver(char *base) : base(base) {}
  template <typename T> T *take(int64_t count) {
    offset = roundUp(offset, int64_t(alignof(T)));
    T *result = base ? reinterpret_cast<T *>(base + offset) : nullptr;
    offset += count * int64_t(sizeof(T));
    return result;
  }
  int64_t size() const { return offset; }

private:
  char *base;
  int64_t offset = 0;
};

Function *carve(char *base, const sym_function_desc &d, int64_t *bytes) {
  Carver carver(base);
  Function *f = carver.take<Function>(1);
  auto *args = carver.take<ArgumentPlan>(d.num_args);
  auto *slots = carver.take<SlotPlan>(d.num_results + d.num_updates);
  auto *variables = carver.take<Variable *>(d.num_variables);
  auto *updates = carver.take<UpdatePlan>(d.num_updates);
  auto *locks = carver.take<LockPlan>(d.num_variables);
  auto *relaxedLocks = carver.take<LockPlan>(d.num_variables);
  auto *heads = carver.take<Variable *>(d.num_variables);
  auto *updateOfSource = carver.take<int32_t>(d.num_reads);
  *bytes = carver.size();
  if (!base)
    return nullptr;
  new (f) Function;
  f->args = args;
  f->slots = slots;
  f->updates = updates;
  f->variables = variables;
  f->locks = locks;
  f->relaxedLocks = relaxedLocks;
  f->heads = heads;
  f->updateOfSource = updateOfSource;
  f->blockBytes = *bytes;
  return f;
}

sym_status badDescriptor(const sym_function_desc &d, const char *what) {
  return fail(SYM_INVALID_ARGUMENT,
              "the descriptor of function '%s' is wrong: %s",
              d.name ? d.name : "", what);
}

Place placeOfFunction(const sym_function_desc &d) {
  if (d.device == 0)
    return {};
  return {SYM_SPACE_CUDA, d.device - 1};
}

sym_status checkValues(const sym_function_desc &d, const sym_value_desc *values,
                       int32_t count, const char *role) {
  for (int i = 0; i < count; ++i) {
    char what[160];
    snprintf(what, sizeof(what), "function '%s', %s %d", d.name, role, i);
    if (sym_status status = checkType(values[i].type, what))
      return status;
    if (values[i].space != SYM_SPACE_HOST &&
        (values[i].space != SYM_SPACE_CUDA || d.device == 0))
      return badDescriptor(d, "a value is in a space that it has not");
  }
  return SYM_OK;
}

/// Checks that a variant's kinds make sense (C1).
sym_status checkKinds(const sym_function_desc &d, bool inPlace) {
  for (int u = 0; u < d.num_updates; ++u) {
    const sym_update_desc &update = d.updates[u];
    int32_t kind = inPlace ? update.inplace_kind : update.outofplace_kind;
    int32_t from =
        inPlace ? update.inplace_moved_from : update.outofplace_moved_from;
    switch (kind) {
    case SYM_KIND_FRESH:
    case SYM_KIND_SELECTED:
      break;
    case SYM_KIND_INPLACE:
      if (!inPlace)
        return badDescriptor(d, "the out-of-place variant writes a source");
      if (update.variable >= d.num_reads)
        return badDescriptor(d, "an update in place of what is not read");
      break;
    case SYM_KIND_MOVED:
      if (from < 0 || from >= d.num_reads)
        return badDescriptor(d, "a move from what is not read");
      break;
    default:
      return badDescriptor(d, "an unknown kind of update");
    }
  }
  // A source moves at most once, and its variable gets another value (S1).
  for (int u = 0; u < d.num_updates; ++u) {
    auto kindOf = [&](int v) {
      return inPlace ? d.updates[v].inplace_kind : d.updates[v].outofplace_kind;
    };
    auto fromOf = [&](int v) {
      return inPlace ? d.updates[v].inplace_moved_from
                     : d.updates[v].outofplace_moved_from;
    };
    if (kindOf(u) != SYM_KIND_MOVED)
      continue;
    bool replaced = false;
    for (int v = 0; v < d.num_updates; ++v) {
      if (v != u && kindOf(v) == SYM_KIND_MOVED && fromOf(v) == fromOf(u))
        return badDescriptor(d, "two updates take one source");
      if (d.updates[v].variable == fromOf(u))
        replaced = kindOf(v) != SYM_KIND_INPLACE;
    }
    if (!replaced)
      return badDescriptor(d, "a move from a variable that keeps its value");
  }
  return SYM_OK;
}

sym_status checkDescriptor(const sym_program &program,
                           const sym_function_desc &d) {
  if (d.num_args < 0 || d.num_results < 0 || d.num_updates < 0 ||
      d.num_reads < 0 || d.num_reads > d.num_variables)
    return badDescriptor(d, "a count is negative or too large");
  if (d.device < 0 || d.device > kMaxOrdinal + 1)
    return badDescriptor(d, "a device is out of range");
  if (!d.inplace || !d.outofplace)
    return badDescriptor(d, "a variant is missing");
  if (sym_status status = checkValues(d, d.args, d.num_args, "argument"))
    return status;
  if (sym_status status = checkValues(d, d.results, d.num_results, "result"))
    return status;
  for (int i = 0; i < d.num_variables; ++i)
    if (d.variables[i] < 0 || d.variables[i] >= program.num_variables)
      return badDescriptor(d, "a variable's index is out of range");
  for (int u = 0; u < d.num_updates; ++u) {
    if (d.updates[u].variable < 0 || d.updates[u].variable >= d.num_variables)
      return badDescriptor(d, "an update's variable is out of range");
    for (int v = 0; v < u; ++v)
      if (d.updates[u].variable == d.updates[v].variable)
        return badDescriptor(d, "two updates of one variable");
  }
  if (sym_status status = checkKinds(d, /*inPlace=*/true))
    return status;
  return checkKinds(d, /*inPlace=*/false);
}

/// Whether every value of a variable of type `given` is one of type `wanted`.
bool fits(const sym_type_desc &given, const sym_type_desc &wanted) {
  if (given.element != wanted.element || given.rank != wanted.rank)
    return false;
  for (int i = 0; i < given.rank; ++i)
    if (wanted.sizes[i] != SYM_DYNAMIC && wanted.sizes[i] != given.sizes[i])
      return false;
  return true;
}

sym_status checkVariables(const sym_program &program,
                          const sym_function_desc &d,
                          Variable *const *variables) {
  for (int i = 0; i < d.num_variables; ++i) {
    if (!variables[i])
      return fail(SYM_INVALID_ARGUMENT, "function '%s': variable %d is null",
                  d.name, i);
    const sym_variable_desc &wanted = program.variables[d.variables[i]];
    Place place = {wanted.space, wanted.space_index};
    char here[kPlaceTextCapacity], there[kPlaceTextCapacity];
    if (place.onDevice() && d.device == 0)
      return fail(
          SYM_INVALID_ARGUMENT,
          "function '%s' runs on the host and uses variable '%s', which "
          "is on %s",
          d.name, wanted.name, placeText(place, there));
    if (place.onDevice() && place != placeOfFunction(d))
      return fail(
          SYM_INVALID_ARGUMENT,
          "function '%s' runs on %s and uses variable '%s', which is on "
          "%s",
          d.name, placeText(placeOfFunction(d), here), wanted.name,
          placeText(place, there));
    if (variables[i]->place != place)
      return fail(SYM_INVALID_ARGUMENT,
                  "function '%s', variable '%s': expected one on %s, found one "
                  "on %s",
                  d.name, wanted.name, placeText(place, here),
                  placeText(variables[i]->place, there));
    if (!fits(variables[i]->type, wanted.type)) {
      char expected[kTypeTextCapacity], found[kTypeTextCapacity];
      const sym_type_desc &t = variables[i]->type;
      return fail(SYM_TYPE_MISMATCH,
                  "function '%s', variable '%s': expected %s, found %s", d.name,
                  wanted.name,
                  typeText(wanted.type.element, wanted.type.rank,
                           wanted.type.sizes, expected),
                  typeText(t.element, t.rank, t.sizes, found));
    }
    // S2: a repeated handle would be locked twice and updated twice.
    for (int j = 0; j < i; ++j)
      if (variables[i] == variables[j])
        return fail(SYM_INVALID_ARGUMENT,
                    "function '%s': variables %d and %d are the same, '%s'",
                    d.name, j, i, variables[i]->name);
  }
  return SYM_OK;
}

/// A buffer that moves stays where it is.
sym_status checkMoves(const sym_program &program, const sym_function_desc &d) {
  auto placeOfVariable = [&](int32_t i) {
    const sym_variable_desc &v = program.variables[d.variables[i]];
    return Place{v.space, v.space_index};
  };
  for (int u = 0; u < d.num_updates; ++u)
    for (int variant = 0; variant < 2; ++variant) {
      const sym_update_desc &update = d.updates[u];
      bool moved = (variant ? update.inplace_kind : update.outofplace_kind) ==
                   SYM_KIND_MOVED;
      int32_t from =
          variant ? update.inplace_moved_from : update.outofplace_moved_from;
      if (moved && placeOfVariable(from) != placeOfVariable(update.variable))
        return badDescriptor(d, "a move between the host and a device");
    }
  return SYM_OK;
}

sym_status loadKernels(const sym_program &program, const sym_function_desc &d,
                       DeviceProgram **out) {
  char what[160];
  snprintf(what, sizeof(what), "function '%s'", d.name);
  Place place = placeOfFunction(d);
  if (sym_status status = openPlace(place, what))
    return status;
  return devices()->retainProgram(place.ordinal, &program, out);
}

const int64_t *staticSizesOf(const sym_type_desc &type) {
  for (int i = 0; i < type.rank; ++i)
    if (type.sizes[i] != SYM_DYNAMIC)
      return type.sizes;
  return nullptr;
}

void planSlots(Function &f, const sym_function_desc &d) {
  int32_t sizes = 0;
  for (int i = 0; i < f.numSlots; ++i) {
    // An update must fit its variable, which may be narrower than what the
    // function was compiled for.
    const sym_type_desc &type =
        i < f.numResults
            ? d.results[i].type
            : f.variables[d.updates[i - f.numResults].variable]->type;
    int32_t space =
        i < f.numResults
            ? d.results[i].space
            : f.variables[d.updates[i - f.numResults].variable]->place.space;
    f.slots[i] = {staticSizesOf(type),
                  type.element,
                  type.rank,
                  int32_t(sym_element_size(type.element)),
                  sizes,
                  space};
    sizes += type.rank;
  }
  f.sizesEntries = sizes;
}

/// T7: an update in place of a relaxed variable holds it shared. Not if its
/// elements are wider than what a processor writes at once.
void planRelaxedLocks(Function &f) {
  bool anyRelaxed = false;
  for (int i = 0; i < f.numLocks; ++i) {
    LockPlan plan = f.locks[i];
    for (int u = 0; u < f.numUpdates; ++u)
      if (f.updates[u].variable == plan.variable &&
          f.updates[u].kind[1] == SYM_KIND_INPLACE &&
          plan.variable->updatedShared())
        plan.exclusive = false;
    anyRelaxed |= plan.exclusive != f.locks[i].exclusive;
    f.relaxedLocks[i] = plan;
  }
  // With a double-buffered variable among them updates are never in place.
  // A call that may have to be undone (CallOnDevice.h) lets nobody else in.
  if (!anyRelaxed || f.anyDoubleInPlace || f.onDevice)
    f.relaxedLocks = nullptr;
}

void planLocks(Function &f, const sym_function_desc &d) {
  bool updates = d.num_updates > 0;
  f.numLocks = f.numHeads = 0;
  for (int i = 0; i < f.numVariables; ++i) {
    Variable *v = f.variables[i];
    bool updated = false;
    for (int u = 0; u < d.num_updates; ++u)
      updated |= d.updates[u].variable == i;
    // T8: a call without updates never waits for a double-buffered variable.
    if (updates || !v->doubleBuffered)
      f.locks[f.numLocks++] = {v, updated};
    if (v->doubleBuffered && (updated || !updates))
      f.heads[f.numHeads++] = v;
  }
  // T6: ascending ids. Insertion sort: short, once per binding.
  for (int i = 1; i < f.numLocks; ++i)
    for (int j = i;
         j > 0 && f.locks[j].variable->id < f.locks[j - 1].variable->id; --j) {
      LockPlan swap = f.locks[j];
      f.locks[j] = f.locks[j - 1];
      f.locks[j - 1] = swap;
    }
  planRelaxedLocks(f);
  for (int i = 1; i < f.numHeads; ++i)
    for (int j = i; j > 0 && f.heads[j]->id < f.heads[j - 1]->id; --j) {
      Variable *swap = f.heads[j];
      f.heads[j] = f.heads[j - 1];
      f.heads[j - 1] = swap;
    }
}
} // namespace

sym_status sym_function_bind(const sym_program *program, int32_t index,
                             sym_variable *const *variables,
                             int32_t num_variables, sym_function **out) {
  if (sym_status status = checkProgram(program))
    return status;
  if (index < 0 || index >= program->num_functions)
    return fail(SYM_NOT_FOUND, "program '%s' has no function %d", program->name,
                int(index));
  const sym_function_desc &d = program->functions[index];
  if (sym_status status = checkDescriptor(*program, d))
    return status;
  if (num_variables != d.num_variables)
    return fail(SYM_INVALID_ARGUMENT,
                "function '%s' uses %d variables, %d were given", d.name,
                int(d.num_variables), int(num_variables));
  if (sym_status status = checkVariables(*program, d, variables))
    return status;
  if (sym_status status = checkMoves(*program, d))
    return status;

  int64_t bytes;
  carve(nullptr, d, &bytes);
  DeviceProgram *kernels = nullptr;
  if (d.device)
    if (sym_status status = loadKernels(*program, d, &kernels))
      return status;
  char *block = static_cast<char *>(allocate(bytes));
  if (!block) {
    if (kernels)
      releaseDeviceProgram(kernels);
    return lastStatus();
  }
  Function *f = carve(block, d, &bytes);
  prepareForFork();
  f->countsCalls = !processorsCanAgree();
  f->desc = &d;
  f->numArgs = d.num_args;
  f->numResults = d.num_results;
  f->numReads = d.num_reads;
  f->numUpdates = d.num_updates;
  f->numVariables = d.num_variables;
  f->numSlots = d.num_results + d.num_updates;
  f->entry[0] = d.outofplace;
  f->entry[1] = d.inplace;
  f->onDevice = d.device != 0;
  f->place = placeOfFunction(d);
  f->deviceProgram = kernels;
  f->hasInPlace = f->anyMutable = f->anyDoubleInPlace = false;
  f->onlyInPlace = true;
  f->anyMoves[0] = f->anyMoves[1] = false;
  for (int i = 0; i < d.num_args; ++i) {
    const sym_value_desc &a = d.args[i];
    auto size = int32_t(sym_element_size(a.type.element));
    // Kernels may load 16 bytes at once.
    f->args[i] = {&a,      a.type.element, a.type.rank, a.space ? 16 : size,
                  a.flags, size,           a.space};
    f->anyMutable |= (a.flags & SYM_FLAG_MUTABLE) != 0;
  }
  for (int i = 0; i < d.num_variables; ++i) {
    f->variables[i] = variables[i];
    sym_variable_retain(variables[i]);
  }
  for (int k = 0; k < d.num_reads; ++k)
    f->updateOfSource[k] = -1;
  for (int u = 0; u < d.num_updates; ++u) {
    const sym_update_desc &update = d.updates[u];
    int32_t v = update.variable;
    bool isRead = v < d.num_reads;
    if (isRead)
      f->updateOfSource[v] = u;
    f->updates[u] = {variables[v],
                     isRead ? v : -1,
                     {update.outofplace_kind, update.inplace_kind},
                     {update.outofplace_moved_from, update.inplace_moved_from}};
    for (int variant = 0; variant < 2; ++variant) {
      int32_t kind = f->updates[u].kind[variant];
      f->anyMoves[variant] |=
          kind == SYM_KIND_MOVED || kind == SYM_KIND_SELECTED;
    }
    if (update.inplace_kind == SYM_KIND_INPLACE) {
      f->hasInPlace = true;
      f->anyDoubleInPlace |= variables[v]->doubleBuffered;
    } else {
      f->onlyInPlace = false;
    }
  }
  planSlots(*f, d);
  planLocks(*f, d);
  f->layout = CallFrame::layoutFor(*f);
  *out = f;
  return SYM_OK;
}

void sym_function_retain(sym_function *function) {
  if (function)
    function->references.fetch_add(1, std::memory_order_relaxed);
}

void sym_function_release(sym_function *function) {
  if (function &&
      function->references.fetch_sub(1, std::memory_order_acq_rel) == 1)
    retire(function);
}

const sym_function_desc *sym_function_descriptor(const sym_function *function) {
  return function->desc;
}
