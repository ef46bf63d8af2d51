//===- Instance.cpp - Programs and their instances (S2) -------------------===//

#include "File.h"
#include "Host.h"

#include <new>
#include <stdio.h>

using namespace sym::rt;

sym_status sym::rt::checkProgram(const sym_program *program) {
  if (!program)
    return fail(SYM_INVALID_ARGUMENT, "the program is null");
  if (program->abi_version != SYM_ABI_VERSION ||
      program->size != sizeof(sym_program))
    return fail(SYM_ABI_MISMATCH,
                "the program was compiled for version %u of the ABI (%u "
                "bytes), this runtime has version %d (%d bytes)",
                program->abi_version, program->size, SYM_ABI_VERSION,
                int(sizeof(sym_program)));
  return useDevices(*program);
}

/// Makes a variable with its initial value, expanding a splat.
static sym_status createVariable(const sym_variable_desc &desc,
                                 Variable **out) {
  sym_status status =
      sym_variable_create_on(desc.name, desc.type, desc.policy, desc.space,
                             desc.space_index, nullptr, out);
  if (status || !desc.initial)
    return status;
  sym_tensor initial = {const_cast<void *>(desc.initial), desc.type.element,
                        desc.type.rank, desc.initial_sizes, nullptr};
  char what[128];
  snprintf(what, sizeof(what), "initial value of variable '%s'", desc.name);
  status = checkTensor(initial, desc.type, what);
  Buffer *value = nullptr;
  if (!status) {
    // A splat is one element that every index reaches.
    int64_t zeros[kMaxRank] = {};
    if (desc.initial_is_splat)
      initial.strides = zeros;
    value = copyTensorTo((*out)->place, initial);
    if (!value)
      status = lastStatus();
  }
  if (status) {
    sym_variable_release(*out);
    *out = nullptr;
    return status;
  }
  // Nobody else knows the variable yet.
  (*out)->current.store(value, std::memory_order_relaxed);
  return SYM_OK;
}

sym_status sym_instance_create(const sym_program *program, sym_instance **out) {
  if (sym_status status = checkProgram(program))
    return status;
  int64_t pointers =
      int64_t(program->num_variables) + int64_t(program->num_functions);
  int64_t bytes = int64_t(sizeof(sym_instance)) + 8 * pointers;
  char *block = static_cast<char *>(allocate(bytes));
  if (!block)
    return lastStatus();
  auto *instance = new (block) sym_instance;
  instance->program = program;
  instance->variables = reinterpret_cast<Variable **>(instance + 1);
  instance->functions = reinterpret_cast<Function **>(instance->variables +
                                                      program->num_variables);
  instance->blockBytes = bytes;
  SYM_CONSTINIT static std::atomic<int64_t> lastNumber{0};
  instance->number = lastNumber.fetch_add(1, std::memory_order_relaxed) + 1;
  for (int64_t i = 0; i < pointers; ++i)
    reinterpret_cast<void **>(instance->variables)[i] = nullptr;

  sym_status status = SYM_OK;
  for (int i = 0; i < program->num_variables && !status; ++i)
    status = createVariable(program->variables[i], &instance->variables[i]);
  for (int i = 0; i < program->num_functions && !status; ++i) {
    // Each function names its variables by index.
    const sym_function_desc &d = program->functions[i];
    int64_t count = d.num_variables > 0 ? d.num_variables : 0;
    auto **chosen = static_cast<Variable **>(allocate(8 * count));
    if (!chosen) {
      status = lastStatus();
      break;
    }
    for (int k = 0; k < count; ++k) {
      int32_t v = d.variables[k];
      chosen[k] = v >= 0 && v < program->num_variables ? instance->variables[v]
                                                       : nullptr;
    }
    status = sym_function_bind(program, i, chosen, int32_t(count),
                               &instance->functions[i]);
    deallocate(chosen, 8 * count);
    if (!status)
      instance->functions[i]->instance = instance->number;
  }
  if (status) {
    sym_instance_destroy(instance);
    return status;
  }
  *out = instance;
  return SYM_OK;
}

void sym_instance_destroy(sym_instance *instance) {
  if (!instance ||
      instance->references.fetch_sub(1, std::memory_order_acq_rel) != 1)
    return;
  for (int i = 0; i < instance->program->num_functions; ++i)
    sym_function_release(instance->functions[i]);
  for (int i = 0; i < instance->program->num_variables; ++i)
    sym_variable_release(instance->variables[i]);
  deallocate(instance, instance->blockBytes);
}

sym_variable *sym_instance_variable(sym_instance *instance, const char *name) {
  for (int i = 0; i < instance->program->num_variables; ++i)
    if (strcmp(instance->program->variables[i].name, name) == 0)
      return instance->variables[i];
  return nullptr;
}

sym_variable *sym_instance_variable_at(sym_instance *instance, int32_t index) {
  bool valid = index >= 0 && index < instance->program->num_variables;
  return valid ? instance->variables[index] : nullptr;
}

sym_function *sym_instance_function(sym_instance *instance, const char *name) {
  for (int i = 0; i < instance->program->num_functions; ++i)
    if (strcmp(instance->program->functions[i].name, name) == 0)
      return instance->functions[i];
  return nullptr;
}

sym_function *sym_instance_function_at(sym_instance *instance, int32_t index) {
  bool valid = index >= 0 && index < instance->program->num_functions;
  return valid ? instance->functions[index] : nullptr;
}

const sym_program *sym_instance_program(const sym_instance *instance) {
  return instance->program;
}

sym_status sym_instance_run(sym_instance *instance, const char *name) {
  NoCancellation noCancellation;
  InstanceInUse inUse(*instance);
  for (int i = 0; i < instance->program->num_hosts; ++i) {
    const sym_host_desc &desc = instance->program->hosts[i];
    if (strcmp(desc.name, name) != 0)
      continue;
    HostFrame host(*instance);
    uint64_t begin = traceBegin();
    sym_status status = desc.entry(&host.abi);
    if (status)
      status = host.status
                   ? host.status
                   : fail(status, "host program '%s' failed without saying why",
                          name);
    traceSpan(begin, TraceKind::Host, desc.name, instance->number, 0, false,
              status);
    return status;
  }
  return fail(SYM_NOT_FOUND, "program '%s' has no host program '%s'",
              instance->program->name, name);
}
