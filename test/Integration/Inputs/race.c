/* Two threads call functions on the same variables, which is in order. With an
   argument, one of them writes instead the array that the other one has lent to
   its calls: a race on bytes that generated code reads. */
#include "race.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static sym_instance *instance;
static float lent[8];
static int races;

static void *run(void *writer) {
  float old[8];
  for (int i = 0; i < 2000; ++i) {
    if (writer && races)
      lent[i % 8] = 1;
    else if (race_add(instance, lent, old) || race_add_loose(instance, lent))
      abort();
  }
  return NULL;
}

int main(int argc, char **argv) {
  pthread_t thread;
  (void)argv;
  races = argc > 1;
  if (race_create(&instance) || pthread_create(&thread, NULL, run, NULL))
    return 2;
  run(lent);
  pthread_join(thread, NULL);
  sym_instance_destroy(instance);
  puts("done");
  return 0;
}
