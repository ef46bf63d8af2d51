//===- StoreTests.cpp - What the store does only on devices ---------------===//

#include "../StoreFixture.h"
#include "FakeDevices.h"

#include <sys/wait.h>
#include <unistd.h>

using namespace symtest;

namespace {
class OnDevice : public Store {};
SYM_FOR_EVERY_POLICY(OnDevice);
} // namespace

TEST_P(OnDevice, S1_ValuesAreWhereTheirVariableIs) {
  sym_variable *s = instance.variable("s");
  int32_t index = -1;
  EXPECT_EQ(sym_variable_space(s, &index), SYM_SPACE_CUDA);
  EXPECT_EQ(index, 0);
  EXPECT_EQ(sym_variable_space(instance.variable("h"), nullptr),
            SYM_SPACE_HOST);
  ASSERT_OK(setVector(s, {1, 2}));
  sym_array *pin;
  ASSERT_OK(sym_variable_borrow(s, &pin));
  EXPECT_EQ(sym_array_view(pin).space, SYM_SPACE_CUDA);
  EXPECT_EQ(takeVector(pin), (std::vector<double>{1, 2}));
}

namespace {
/// Everything that a failed call must leave as it was.
struct State {
  explicit State(Instance &instance)
      : n(readInt(instance.variable("n"))), m(readInt(instance.variable("m"))),
        h(readInt(instance.variable("h"))),
        s(readVector(instance.variable("s"))),
        t(readVector(instance.variable("t"))),
        bytes(sym_get_statistics().bytes_in_use), blocks(fakeCounts().blocks),
        calls(fakeCounts().calls) {}
  bool operator==(const State &o) const {
    return n == o.n && m == o.m && h == o.h && s == o.s && t == o.t &&
           bytes == o.bytes && blocks == o.blocks && calls == o.calls;
  }
  int64_t n, m, h;
  std::vector<double> s, t;
  int64_t bytes, blocks, calls;
};
} // namespace

TEST_P(OnDevice, T4_EveryFailureOfADeviceLeavesStateUnchanged) {
  std::vector<double> start(40, 2), x(40, 0.5);
  int64_t zero = 0, five = 5;
  int32_t one = 1;
  Tensor vector(x), number(five), never(zero), small(one);
  using Arguments = std::vector<const sym_tensor *>;
  const std::pair<const char *, Arguments> calls[] = {
      {"add", {small}},
      {"read2", {}},
      {"transfer", {number}},
      {"swap", {}},
      {"rotate", {vector}},
      {"choose", {never}},
      {"axpy", {vector}},
      {"old", {vector}},
      {"replace", {vector}},
      {"peek", {}},
      {"busy", {vector, never}},
      {"scale", {vector}},
      {"both", {vector, vector}},
      {"count", {vector}},
      {"look", {}},
      {"lift", {}},
      {"elsewhere", {vector}}};
  for (const auto &[name, args] : calls) {
    for (int64_t k = 1;; ++k) {
      ASSERT_LT(k, 50) << name;
      ASSERT_OK(setVector(instance.variable("s"), start));
      ASSERT_OK(setVector(instance.variable("t"), {-1}));
      State before(instance);
      failDevice(k, k % 2 ? SYM_DEVICE_ERROR : SYM_DEVICE_OUT_OF_MEMORY);
      sym_status status = instance.call(name, args);
      if (!failDevice(0)) {
        EXPECT_OK(status);
        break;
      }
      EXPECT_EQ(status, k % 2 ? SYM_DEVICE_ERROR : SYM_DEVICE_OUT_OF_MEMORY)
          << name << ", operation " << k;
      EXPECT_TRUE(State(instance) == before) << name << ", operation " << k;
    }
  }
}

TEST_P(OnDevice, T4_AccessesFailWithoutATrace) {
  sym_variable *s = instance.variable("s");
  for (int64_t k = 1; k < 8; ++k) {
    ASSERT_OK(setVector(s, {1, 2}));
    ASSERT_OK(setVector(instance.variable("t"), {3}));
    State before(instance);
    failDevice(k);
    sym_status status = setVector(s, {1, 2});
    failDevice(k);
    sym_array *array = nullptr;
    if (!sym_variable_get(s, &array))
      sym_array_release(array);
    failDevice(k);
    sym_write_borrow *borrow = nullptr;
    if (!sym_variable_borrow_mut(s, &borrow))
      sym_write_borrow_rollback(borrow);
    failDevice(k);
    sym_instance *other = nullptr;
    if (!sym_instance_create(mainProgram(GetParam()), &other))
      sym_instance_destroy(other);
    failDevice(0);
    EXPECT_EQ(status != SYM_OK, k <= 2) << k;
    EXPECT_TRUE(State(instance) == before) << k;
  }
}

TEST_P(OnDevice, T4_AFullDeviceIsAStatus) {
  sym_variable *s = instance.variable("s");
  std::vector<double> big(1000, 1);
  ASSERT_OK(setVector(s, big));
  ASSERT_OK(setVector(instance.variable("t"), {3}));
  State before(instance);
  capDevice(fakeCounts().bytes + 4000);
  EXPECT_EQ(instance.call("old", {Tensor(big)}), SYM_DEVICE_OUT_OF_MEMORY);
  EXPECT_EQ(readVector(s), big) << "without room for a copy";
  capDevice(0);
  EXPECT_TRUE(State(instance) == before);
  EXPECT_OK(instance.call("old", {Tensor(big)}));
}

TEST_P(OnDevice, B4_ArgumentsComeFromAnywhere) {
  std::vector<double> x = {1, 2};
  ASSERT_OK(setVector(instance.variable("s"), {10, 20}));
  std::vector<sym_array *> results;
  ASSERT_OK(instance.call("elsewhere", {Tensor(x)}, &results));
  sym_tensor far = sym_array_view(results[0]);
  EXPECT_EQ(far.space_index, 1);
  ASSERT_OK(instance.call("axpy", {&far})); // from cuda:1
  ASSERT_OK(instance.call("peek", {}, &results));
  sym_tensor near = sym_array_view(results[1]);
  sym_reset_statistics();
  ASSERT_OK(instance.call("scale", {&near}, &results));
  EXPECT_EQ(sym_get_statistics().argument_copies, 1) << "it is pinned";
  ASSERT_OK(instance.call("axpy", {&near}, &results)); // as it is
  EXPECT_EQ(sym_get_statistics().argument_copies, 1);
  EXPECT_EQ(readVector(instance.variable("s")), (std::vector<double>{24, 48}));
  // A number that a call left on the device, for a parameter on the host.
  ASSERT_OK(setInt(instance.variable("h"), 7));
  ASSERT_OK(instance.call("lift", {}, &results));
  sym_tensor seven = sym_array_view(results.back());
  EXPECT_EQ(seven.space, SYM_SPACE_CUDA);
  ASSERT_OK(instance.call("transfer", {&seven}));
  EXPECT_EQ(readInt(instance.variable("m")), 7);
  // Strides, forwards and backwards.
  int64_t two = 2, back = -1;
  sym_tensor reversed = near;
  reversed.data = static_cast<double *>(near.data) + 1;
  reversed.sizes = &two;
  reversed.strides = &back;
  ASSERT_OK(sym_variable_set(instance.variable("t"), &reversed));
  EXPECT_EQ(readVector(instance.variable("t")), (std::vector<double>{24, 12}));
  // To a variable on the host.
  ASSERT_OK(sym_variable_set(instance.variable("h"), &seven));
  EXPECT_EQ(readInt(instance.variable("h")), 7);
  for (sym_array *array : results)
    sym_array_release(array);
}

TEST_P(OnDevice, T3_ResultsGoWhereTheyAreWanted) {
  std::vector<double> x = {1, 1};
  ASSERT_OK(setVector(instance.variable("s"), {3, 4}));
  double here[2] = {};
  int64_t size = 0;
  sym_result buffer = {here, sizeof(here), &size, nullptr};
  ASSERT_OK(sym_call(instance.function("old"), Tensor(x), 1, &buffer, 1));
  EXPECT_EQ(size, 2);
  EXPECT_EQ(here[1], 4);
  std::vector<sym_array *> results;
  ASSERT_OK(instance.call("old", {Tensor(x)}, &results));
  EXPECT_EQ(sym_array_view(results[0]).space, SYM_SPACE_CUDA);
  EXPECT_EQ(takeVector(results[0]), (std::vector<double>{4, 5}));
  ASSERT_OK(setInt(instance.variable("n"), 9));
  ASSERT_OK(instance.call("look", {}, &results));
  EXPECT_EQ(sym_array_view(results[1]).space, SYM_SPACE_HOST);
  EXPECT_EQ(takeInt(results[1]), 9);
  ASSERT_OK(instance.call("count", {Tensor(x)}, &results));
  EXPECT_EQ(takeInt(results[2]), 0);
  EXPECT_EQ(readInt(instance.variable("h")), 1);
}

TEST_P(OnDevice, S2_FunctionsAndVariablesMustAgree) {
  const sym_program *program = mainProgram(GetParam());
  sym_type_desc type = sym_variable_type(instance.variable("s"));
  sym_variable *host, *far;
  ASSERT_OK(sym_variable_create("a", type, GetParam(), nullptr, &host));
  ASSERT_OK(sym_variable_create_on("b", type, GetParam(), SYM_SPACE_CUDA, 1,
                                   nullptr, &far));
  sym_function *f = nullptr;
  EXPECT_EQ(sym_function_bind(program, 6, &host, 1, &f), SYM_INVALID_ARGUMENT);
  EXPECT_STREQ(sym_error_message(),
               "function 'axpy', variable 's': expected one on cuda:0, found "
               "one on the host");
  EXPECT_EQ(sym_function_bind(program, 6, &far, 1, &f), SYM_INVALID_ARGUMENT);
  sym_variable_release(host);
  sym_variable_release(far);
  EXPECT_EQ(sym_variable_create_on("c", type, GetParam(), SYM_SPACE_CUDA, 9,
                                   nullptr, &far),
            SYM_NO_DEVICE);
  EXPECT_EQ(sym_variable_create_on("c", type, GetParam(), 5, 0, nullptr, &far),
            SYM_INVALID_ARGUMENT);
  sym_function_desc onHost = program->functions[6];
  onHost.device = 0;
  sym_value_desc arg = onHost.args[0];
  arg.space = SYM_SPACE_HOST;
  onHost.args = &arg;
  sym_program other = *program;
  other.functions = &onHost;
  other.num_functions = 1;
  sym_variable *s = instance.variable("s");
  EXPECT_EQ(sym_function_bind(&other, 0, &s, 1, &f), SYM_INVALID_ARGUMENT);
  EXPECT_STREQ(sym_error_message(),
               "function 'axpy' runs on the host and uses variable 's', which "
               "is on cuda:0");
}

TEST_P(OnDevice, SavesAndLoads) {
  std::string path = testing::TempDir() + "sym-on-device-" +
                     std::to_string(GetParam()) + ".npz";
  ASSERT_OK(setVector(instance.variable("s"), {1, 2}));
  ASSERT_OK(setVector(instance.variable("t"), {3}));
  ASSERT_OK(sym_instance_save(instance.get(), path.c_str()));
  ASSERT_OK(setVector(instance.variable("s"), {7}));
  ASSERT_OK(sym_instance_load(instance.get(), path.c_str(), 0));
  EXPECT_EQ(readVector(instance.variable("s")), (std::vector<double>{1, 2}));
  sym_array *pin;
  ASSERT_OK(sym_variable_borrow(instance.variable("s"), &pin));
  sym_tensor view = sym_array_view(pin);
  char text[64];
  EXPECT_GT(sym_format(&view, text, sizeof(text)), 0u);
  EXPECT_STREQ(text, "<an array on a device>");
  ASSERT_OK(sym_npy_save(path.c_str(), &view));
  sym_array_release(pin);
  sym_array *loaded;
  ASSERT_OK(sym_npy_load(path.c_str(), &loaded));
  EXPECT_EQ(takeVector(loaded), (std::vector<double>{1, 2}));
  remove(path.c_str());
}

TEST_P(OnDevice, T10_HostProgramsHoldValuesOfTheDevice) {
  EXPECT_OK(sym_instance_run(instance.get(), "walk"));
  EXPECT_EQ(readVector(instance.variable("s")), (std::vector<double>{100, 6}));
}

TEST_P(OnDevice, ALostDeviceIsAStatusAndTheHostGoesOn) {
  ASSERT_OK(setVector(instance.variable("s"), {1, 2}));
  ASSERT_OK(setInt(instance.variable("h"), 5));
  std::vector<double> x = {1, 1};
  loseDevice(0);
  sym_array *array = nullptr;
  EXPECT_EQ(sym_variable_get(instance.variable("s"), &array), SYM_DEVICE_LOST);
  EXPECT_EQ(instance.call("count", {Tensor(x)}), SYM_DEVICE_LOST);
  EXPECT_EQ(readInt(instance.variable("h")), 5);
  loseDevice(0, false);
}

TEST(OnDeviceMemory, NothingIsLeft) {
  FakeCounts counts = fakeCounts();
  EXPECT_EQ(counts.blocks, 0);
  EXPECT_EQ(counts.programs, 0);
  EXPECT_EQ(counts.calls, 0);
}

TEST_P(OnDevice, AForkedChildGetsAStatus) {
  ASSERT_OK(setVector(instance.variable("s"), {1, 2}));
  sym_array *pin;
  ASSERT_OK(sym_variable_borrow(instance.variable("s"), &pin));
  pid_t child = fork();
  if (child == 0) {
    std::vector<double> x = {1, 1};
    sym_array *array = nullptr;
    bool good =
        sym_variable_get(instance.variable("s"), &array) == SYM_DEVICE_ERROR &&
        instance.call("axpy", {Tensor(x)}) == SYM_DEVICE_ERROR &&
        setInt(instance.variable("h"), 3) == SYM_OK &&
        readInt(instance.variable("h")) == 3;
    sym_array_release(pin);
    _exit(good ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(takeVector(pin), (std::vector<double>{1, 2}));
}
