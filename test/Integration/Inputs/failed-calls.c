// Calls every function of a program, none of which takes arguments, in place
// and, with all variables pinned, out of place. One whose name begins with
// `fail` must fail and leave every variable bit for bit as it was (T4).
#include "sym/Runtime/sym_runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const sym_program sym_program_failed;

enum { kMaxVariables = 8 };

static size_t bytesOf(sym_tensor tensor) {
  size_t bytes = sym_element_size(tensor.element);
  for (int32_t i = 0; i < tensor.rank; ++i)
    bytes *= (size_t)tensor.sizes[i];
  return bytes;
}

static int check(sym_status status, const char *what) {
  if (status != SYM_OK)
    printf("%s: %s\n", what, sym_error_message());
  return status == SYM_OK;
}

static void callAll(sym_instance *instance, const char *how) {
  const sym_program *program = sym_instance_program(instance);
  sym_array *before[kMaxVariables];
  for (int32_t f = 0; f < program->num_functions; ++f) {
    const char *name = program->functions[f].name;
    for (int32_t v = 0; v < program->num_variables; ++v)
      check(sym_variable_get(sym_instance_variable_at(instance, v), &before[v]),
            "get");
    sym_status status =
        sym_call(sym_instance_function_at(instance, f), NULL, 0, NULL, 0);
    printf("%s %s: %s", how, name, sym_status_name(status));
    if (status != SYM_OK)
      printf(", %s", sym_error_message());
    int changed = 0;
    for (int32_t v = 0; v < program->num_variables; ++v) {
      sym_array *after;
      check(sym_variable_get(sym_instance_variable_at(instance, v), &after),
            "get");
      sym_tensor x = sym_array_view(before[v]), y = sym_array_view(after);
      if (bytesOf(x) != bytesOf(y) || memcmp(x.data, y.data, bytesOf(x)) != 0)
        ++changed;
      sym_array_release(before[v]);
      sym_array_release(after);
    }
    printf("; %d changed\n", changed);
  }
}

int main(void) {
  for (int pinned = 0; pinned < 2; ++pinned) {
    sym_instance *instance;
    if (!check(sym_instance_create(&sym_program_failed, &instance), "create"))
      return 1;
    sym_array *pins[kMaxVariables];
    int32_t numVariables = sym_instance_program(instance)->num_variables;
    for (int32_t v = 0; pinned && v < numVariables; ++v)
      check(
          sym_variable_borrow(sym_instance_variable_at(instance, v), &pins[v]),
          "borrow");
    callAll(instance, pinned ? "out of place" : "in place");
    for (int32_t v = 0; pinned && v < numVariables; ++v)
      sym_array_release(pins[v]);
    sym_instance_destroy(instance);
  }
  return 0;
}
