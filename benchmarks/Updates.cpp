//===- Updates.cpp - s = .9 s + .1 x as fast as memory goes ---------------===//

#include "Harness.h"

#include <string.h>

using namespace bench;

__attribute__((noinline)) static void
updateInC(const float *__restrict x, float *__restrict s, int64_t n) {
  // Every operation rounds, as in the program.
#pragma clang fp contract(off)
  for (int64_t i = 0; i < n; ++i)
    s[i] = s[i] * 0.9f + x[i] * 0.1f;
}

void bench::registerUpdates() {
  for (const char *name : {"update", "update_swapped"})
    for (int64_t n : {4096, 1000000, 10000000}) {
      using Floats = Array<float>;
      auto x = std::make_shared<Floats>(std::vector<int64_t>{n});
      auto s = std::make_shared<Floats>(std::vector<int64_t>{n});
      x->fill(-2, 2);
      s->fill(-1, 3);
      sym_instance *instance = makeInstance();
      sym_variable *variable = sym_instance_variable(instance, "s");
      sym_tensor start = s->view();
      must(sym_variable_set(variable, &start));
      Call call(name, {x->view()}, instance);
      auto peer = [=] { updateInC(x->begin(), s->begin(), n); };

      std::string title =
          std::string(strcmp(name, "update") ? "s = .1 x + .9 s, "
                                             : "s = .9 s + .1 x, ") +
          std::to_string(n);
      call();
      peer();
      sym_array *now;
      must(sym_variable_get(variable, &now));
      Floats result({n});
      memcpy(result.begin(), sym_array_view(now).data, size_t(n) * 4);
      sym_array_release(now);
      mustAgree(title, result, *s, 0);
      // Without a bar where the transaction around the loop is a part of it.
      registerCase(title, {n > 4096 ? 0.95 : 0}, 12.0 * double(n), call, peer);
    }
}
