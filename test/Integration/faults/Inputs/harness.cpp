//===- harness.cpp - Calls under faults -----------------------------------===//

#include "faults.h"

Harness::Harness(const sym_program &program) : program(program) {
  sym::check(sym_instance_create(&program, &instance));
}

Harness::~Harness() { sym_instance_destroy(instance); }

bool Harness::expect(bool good, const char *function, How how, const char *when,
                     int64_t k, const char *what) {
  const char *ways[] = {"in place", "pinned", "into buffers"};
  if (!good && ++numFailures < 20)
    printf("%s, %s, %s %lld: %s\n", function, ways[int(how)], when,
           static_cast<long long>(k), what);
  return good;
}

void Harness::set(const State &state) {
  for (const auto &[name, value] : state) {
    Value copy = value;
    sym_tensor tensor = copy.tensor();
    sym::check(sym_variable_set(sym_instance_variable(instance, name.c_str()),
                                &tensor));
  }
}

State Harness::state() {
  State all;
  for (int32_t i = 0; i < program.num_variables; ++i) {
    sym_variable *variable = sym_instance_variable_at(instance, i);
    sym_array *array = nullptr;
    sym_status status = sym_variable_get(variable, &array);
    if (status == SYM_UNINITIALIZED)
      continue;
    sym::check(status);
    all[sym_variable_name(variable)] = Value(sym_array_view(array));
    sym_array_release(array);
  }
  return all;
}

Harness::Attempt Harness::call(const char *name, Values &arguments, How how) {
  sym_function *function = sym_instance_function(instance, name);
  const sym_function_desc *desc = sym_function_descriptor(function);
  std::vector<sym_tensor> tensors;
  for (Value &argument : arguments)
    tensors.push_back(argument.tensor());
  std::vector<sym_result> results(size_t(desc->num_results), sym_result{});
  std::vector<std::vector<char>> buffers(results.size());
  std::vector<std::vector<int64_t>> sizes(results.size());
  for (size_t i = 0; how == How::IntoBuffers && i < results.size(); ++i) {
    buffers[i].resize(1 << 16);
    sizes[i].resize(size_t(desc->results[i].type.rank) + 1);
    results[i] = {buffers[i].data(), buffers[i].size(), sizes[i].data(),
                  nullptr};
  }
  Attempt attempt;
  attempt.status = sym_call(function, tensors.data(), int32_t(tensors.size()),
                            results.data(), int32_t(results.size()));
  if (attempt.status)
    attempt.message = sym_error_message();
  for (size_t i = 0; !attempt.status && i < results.size(); ++i) {
    if (how == How::IntoBuffers) {
      const sym_type_desc &type = desc->results[i].type;
      attempt.results.push_back(
          Value(sym_tensor{buffers[i].data(), type.element, type.rank,
                           sizes[i].data(), nullptr, SYM_SPACE_HOST, 0}));
    } else {
      attempt.results.push_back(Value(sym_array_view(results[i].array)));
      sym_array_release(results[i].array);
    }
  }
  return attempt;
}

void Harness::expectSuccess(Case &c, Values &arguments, How how,
                            const char *when) {
  State expected = state();
  for (const auto &[name, value] : c.after)
    expected[name] = value;
  Attempt attempt = call(c.function, arguments, how);
  expect(attempt.status == SYM_OK, c.function, how, when, 0, "it failed");
  expect(attempt.results == c.results, c.function, how, when, 0,
         "other results");
  expect(state() == expected, c.function, how, when, 0, "another state");
}

void Harness::expectFailure(const char *function, Values &arguments, How how,
                            const Case::Bad &bad, int64_t k,
                            const State &before) {
  int64_t inUse = sym_get_statistics().bytes_in_use;
  Attempt attempt = call(function, arguments, how);
  bool same = expect(attempt.status == bad.status, function, how, "check", k,
                     "another status");
  expect(!same || strstr(attempt.message.c_str(), bad.message), function, how,
         "check", k, attempt.message.c_str());
  expect(sym_get_statistics().bytes_in_use == inUse, function, how, "check", k,
         "memory stays in use");
  expect(state() == before, function, how, "check", k, "the state has changed");
}

void Harness::tryAll(Case &c, How how) {
  // A mutable argument is unspecified after a failure, so each call gets its
  // own. Where pinned, every value has a pin while the function runs.
  std::vector<sym_array *> pins;
  auto prepare = [&](const State &more) {
    set(c.before);
    set(more);
    for (int32_t i = 0; how == How::Pinned && i < program.num_variables; ++i) {
      sym_array *pin;
      if (!sym_variable_borrow(sym_instance_variable_at(instance, i), &pin))
        pins.push_back(pin);
    }
    return state();
  };
  auto finish = [&] {
    for (sym_array *pin : pins)
      sym_array_release(pin);
    pins.clear();
  };
  auto succeed = [&](const char *when) {
    Values arguments = c.arguments;
    expectSuccess(c, arguments, how, when);
    finish();
  };

  prepare({});
  succeed("without a fault");

  for (int64_t k = 1;; ++k) {
    State before = prepare({});
    Values arguments = c.arguments;
    int64_t inUse = sym_get_statistics().bytes_in_use;
    sym_debug_fail_allocation(k);
    Attempt attempt = call(c.function, arguments, how);
    if (sym_debug_fail_allocation(0) != 0) {
      expect(attempt.status == SYM_OK, c.function, how, "allocation", k,
             "it failed by itself");
      finish();
      break;
    }
    ++allocations;
    expect(attempt.status == SYM_OUT_OF_MEMORY, c.function, how, "allocation",
           k, "another status");
    expect(sym_get_statistics().bytes_in_use == inUse, c.function, how,
           "allocation", k, "memory stays in use");
    expect(state() == before, c.function, how, "allocation", k,
           "the state has changed");
    succeed("behind a failed allocation");
  }

  // The cap: a page more each time, from what is held when all that is idle
  // has been returned.
  for (int64_t pages = 0;; ++pages) {
    State before = prepare({});
    Values arguments = c.arguments;
    int64_t inUse = sym_get_statistics().bytes_in_use;
    sym_trim();
    sym_set_memory_cap(sym_get_statistics().bytes_reserved + pages * 4096);
    Attempt attempt = call(c.function, arguments, how);
    sym_set_memory_cap(0);
    if (attempt.status == SYM_OK || pages > 10000) {
      expect(attempt.status == SYM_OK, c.function, how, "cap", pages,
             "it never succeeds");
      finish();
      break;
    }
    ++caps;
    expect(attempt.status == SYM_OUT_OF_MEMORY, c.function, how, "cap", pages,
           "another status");
    expect(sym_get_statistics().bytes_in_use == inUse, c.function, how, "cap",
           pages, "memory stays in use");
    expect(state() == before, c.function, how, "cap", pages,
           "the state has changed");
    if (pages < 4)
      succeed("behind a cap");
    finish();
  }

  for (Case::Bad &bad : c.bad) {
    State before = prepare(bad.before);
    Values arguments = bad.arguments;
    expectFailure(c.function, arguments, how, bad, &bad - c.bad.data(), before);
    finish();
    prepare({});
    succeed("behind a failed check");
  }
}

void Harness::run(Case &c) {
  allocations = caps = 0;
  for (How how : {How::InPlace, How::Pinned, How::IntoBuffers})
    tryAll(c, how);
  printf("%s: %lld allocations failed, %lld caps were met, %zu checks failed\n",
         c.function, static_cast<long long>(allocations),
         static_cast<long long>(caps), c.bad.size());
}
