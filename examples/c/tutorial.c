/* Calls the functions of examples/tutorial.mlir from C.
 *
 *   sym-compile examples/tutorial.mlir --emit=obj -o tutorial.o
 *   sym-compile examples/tutorial.mlir --emit=header -o tutorial.h
 *   cc -I. -Iinclude examples/c/tutorial.c tutorial.o \
 *      -Lbuild/release/lib -lSymRuntime -lstdc++ -lz -lm -lpthread
 */
#include "tutorial.h"

#include <stdio.h>

static int fail(const char *what, sym_status status) {
  fprintf(stderr, "%s: %s: %s\n", what, sym_status_name(status),
          sym_error_message());
  return 1;
}

int main(void) {
  sym_instance *instance;
  sym_status status = tutorial_create(&instance);
  if (status != SYM_OK)
    return fail("create", status);

  int64_t old, now;
  for (int64_t increment = 1; increment <= 3; ++increment) {
    status = tutorial_accumulator(instance, increment, &old);
    if (status != SYM_OK)
      return fail("accumulator", status);
    printf("accumulator(%d) returns %d\n", (int)increment, (int)old);
  }
  if ((status = tutorial_get_state(instance, &now)) != SYM_OK)
    return fail("get", status);
  printf("state: %d\n", (int)now);

  /* A second instance has variables of its own. */
  sym_instance *other;
  if ((status = tutorial_create(&other)) != SYM_OK ||
      (status = tutorial_set_state(other, -1)) != SYM_OK ||
      (status = tutorial_accumulator(other, 1, NULL)) != SYM_OK ||
      (status = tutorial_get_state(other, &now)) != SYM_OK)
    return fail("the other instance", status);
  printf("other state: %d\n", (int)now);

  tutorial_destroy(other);
  tutorial_destroy(instance);
  return 0;
}
