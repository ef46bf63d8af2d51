//===- CallbackTests.cpp - User code runs under no lock (T6) --------------===//
//
// Every place where a lender's callback can run. The callback uses the whole
// store, from its own thread and from another one: a lock that its thread holds
// would stop either.
//
//===----------------------------------------------------------------------===//

#include "Policies.h"
#include "Programs.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <thread>
#include <unistd.h>

using namespace symtest;

namespace {
class Callbacks : public testing::TestWithParam<int32_t> {
public: // for callbacks, which are plain functions
  Callbacks() : instance(mainProgram(GetParam())) {
    s = instance.variable("s");
    t = instance.variable("t");
    EXPECT_OK(setVector(s, {1, 2}));
    EXPECT_OK(setVector(t, {3, 4}));
  }

  /// Lends two elements to `variable`.
  void lend(sym_variable *variable) {
    ASSERT_OK(sym_variable_set_lent(
        variable, Tensor(mine),
        [](void *self) { static_cast<Callbacks *>(self)->callback(); }, this));
  }

  void callback() {
    ran = std::this_thread::get_id();
    ++count;
    if (!usable)
      return;
    useStore();
    std::promise<void> done;
    std::thread other([&] {
      useStore();
      done.set_value();
    });
    if (done.get_future().wait_for(std::chrono::seconds(20)) !=
        std::future_status::ready) {
      fprintf(stderr, "a callback runs under a lock\n");
      _exit(1); // the other thread will not end
    }
    other.join();
  }

  /// Everything that takes a lock of a variable.
  void useStore() {
    std::vector<double> x = {5, 6};
    for (sym_variable *v : {s, t}) {
      EXPECT_EQ(readVector(v).size(), 2u);
      sym_array *pin;
      EXPECT_OK(sym_variable_borrow(v, &pin));
      sym_array_release(pin);
      // BORROWED is an answer too: a write borrow may be what is ending.
      sym_status status = setVector(v, x);
      EXPECT_TRUE(status == SYM_OK || status == SYM_BORROWED);
      sym_write_borrow *borrow;
      if (sym_variable_borrow_mut(v, &borrow) == SYM_OK)
        EXPECT_OK(sym_write_borrow_commit(borrow));
    }
    sym_status status = instance.call("swap", {});
    EXPECT_TRUE(status == SYM_OK || status == SYM_BORROWED);
    sym_trim();
    sym_get_statistics();
  }

  Instance instance;
  sym_instance *host = nullptr;
  sym_variable *s, *t;
  std::vector<double> mine = {1, 2};
  std::atomic<int> count{0};
  std::thread::id ran;
  bool usable = true; ///< values are as useStore expects
};
SYM_FOR_LINEARIZABLE_POLICIES(Callbacks);
} // namespace

TEST_P(Callbacks, T6_WhenAnAccessReplacesTheValue) {
  std::vector<double> x = {7, 8};
  lend(s);
  EXPECT_OK(setVector(s, x));
  EXPECT_EQ(count, 1);
  lend(s);
  lend(s); // replaces the first, whose callback replaces this one
  EXPECT_EQ(count, 3);
}

TEST_P(Callbacks, T6_WhenNothingIsLentAfterAll) {
  // Not dense: copied, and the callback runs inside of the access.
  int64_t sizes[] = {2}, strides[] = {-1};
  sym_tensor reversed = {mine.data() + 1, SYM_ELEMENT_F64, 1, sizes, strides};
  EXPECT_OK(sym_variable_set_lent(
      s, &reversed,
      [](void *self) { static_cast<Callbacks *>(self)->callback(); }, this));
  EXPECT_EQ(count, 1);
}

TEST_P(Callbacks, T6_WhenACallReplacesTheValue) {
  std::vector<double> x = {7, 8};
  for (const char *function : {"axpy", "rotate", "replace", "old"}) {
    lend(s);
    int before = count;
    EXPECT_OK(instance.call(function, {Tensor(x)}));
    if (function == std::string("rotate")) { // moved on to t
      EXPECT_EQ(count, before);
      EXPECT_OK(setVector(t, x));
    }
    EXPECT_EQ(count, before + 1) << function;
  }
}

TEST_P(Callbacks, T6_WhenTheLastPinGoes) {
  lend(s);
  sym_array *pin;
  ASSERT_OK(sym_variable_borrow(s, &pin));
  EXPECT_OK(setVector(s, {7, 8}));
  EXPECT_EQ(count, 0);
  sym_array_release(pin);
  EXPECT_EQ(count, 1);
}

TEST_P(Callbacks, T6_WhenAWriteBorrowCommits) {
  std::vector<double> x = {7, 8};
  for (bool value : {false, true}) {
    lend(s);
    int before = count;
    sym_write_borrow *borrow;
    ASSERT_OK(sym_variable_borrow_mut(s, &borrow));
    EXPECT_OK(value ? sym_write_borrow_commit_value(borrow, Tensor(x))
                    : sym_write_borrow_commit(borrow));
    EXPECT_EQ(count, before + 1);
  }
}

TEST_P(Callbacks, T6_WhenAFileIsLoaded) {
  std::string path =
      testing::TempDir() + "/callback-" + std::to_string(getpid()) + ".npz";
  ASSERT_OK(sym_instance_save(instance.get(), path.c_str()));
  lend(s);
  lend(t);
  EXPECT_OK(sym_instance_load(instance.get(), path.c_str(), 0));
  EXPECT_EQ(count, 2);
  unlink(path.c_str());
}

TEST_P(Callbacks, T6_WhenReadersHoldTheLastPin) {
  // A get of a double-buffered variable, a save, and a call that reads hold
  // pins while they copy. Which of two threads drops the last reference is
  // chance, so it is tried until the reader has.
  std::string path =
      testing::TempDir() + "/callback-pin-" + std::to_string(getpid()) + ".npz";
  mine.assign(1 << 16, 1.0);
  usable = false; // the values are larger than useStore expects
  std::vector<std::function<void()>> readers = {
      [&] { EXPECT_OK(sym_instance_save(instance.get(), path.c_str())); }};
  if (GetParam() == SYM_POLICY_DOUBLE_BUFFER)
    readers.push_back([&] { (void)readVector(s); });
  for (auto &read : readers) {
    bool byReader = false;
    auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!byReader && std::chrono::steady_clock::now() < until) {
      lend(s);
      int before = count;
      std::atomic<bool> started{false};
      std::thread reader([&] {
        started.store(true);
        read();
      });
      std::thread::id id = reader.get_id();
      while (!started.load())
        std::this_thread::yield();
      std::this_thread::sleep_for(std::chrono::microseconds(30));
      EXPECT_OK(setVector(s, {7, 8}));
      reader.join();
      EXPECT_EQ(count, before + 1);
      byReader = ran == id;
    }
    EXPECT_TRUE(byReader);
  }
  unlink(path.c_str());
}

TEST_P(Callbacks, T6_WhenAHostProgramEnds) {
  // It holds a pin, and the value is replaced meanwhile; one program releases
  // the pin, the other fails and leaves that to the runtime (T10).
  static Callbacks *self;
  self = this;
  ProgramBuilder p;
  sym_type_desc vector = p.type(SYM_ELEMENT_F64, {SYM_DYNAMIC});
  p.variable("v", vector, GetParam());
  auto borrow = [](sym_frame *f, void **handle) {
    std::vector<double> x = {7, 8};
    self->lend(sym_instance_variable(self->host, "v"));
    int64_t size[1];
    sym_view view = {nullptr, size};
    if (int32_t status = sym_rt_borrow(f, 0, SYM_BORROW_PINNED, handle, &view))
      return status;
    int64_t two = 2;
    sym_view value = {x.data(), &two};
    return sym_rt_set_value(f, 0, &value);
  };
  static int32_t (*begin)(sym_frame *, void **);
  begin = borrow;
  p.host("releases", [](sym_frame *f) {
    void *handle;
    if (int32_t status = begin(f, &handle))
      return status;
    EXPECT_EQ(self->count, 0);
    int32_t status = sym_rt_release(f, handle, nullptr);
    EXPECT_EQ(self->count, 1);
    return status;
  });
  p.host("fails", [](sym_frame *f) {
    void *handle;
    if (int32_t status = begin(f, &handle))
      return status;
    EXPECT_EQ(self->count, 1);
    return int32_t(SYM_CHECK_FAILED);
  });
  ASSERT_OK(sym_instance_create(p.program(), &host));
  EXPECT_OK(sym_instance_run(host, "releases"));
  EXPECT_NE(sym_instance_run(host, "fails"), SYM_OK);
  EXPECT_EQ(count, 2);
  // The last reference to a variable.
  lend(sym_instance_variable(host, "v"));
  sym_variable *kept = sym_instance_variable(host, "v");
  sym_variable_retain(kept);
  sym_instance_destroy(host);
  EXPECT_EQ(count, 2);
  sym_variable_release(kept);
  EXPECT_EQ(count, 3);
}

TEST_P(Callbacks, T6_WhenAnInstanceOrAFunctionGoes) {
  sym_instance *other;
  ASSERT_OK(sym_instance_create(mainProgram(GetParam()), &other));
  lend(sym_instance_variable(other, "s"));
  sym_instance_destroy(other);
  EXPECT_EQ(count, 1);
  // A bound function keeps its variables.
  ASSERT_OK(sym_instance_create(mainProgram(GetParam()), &other));
  sym_variable *variables[] = {sym_instance_variable(other, "s"), t};
  sym_function *function;
  ASSERT_OK(
      sym_function_bind(mainProgram(GetParam()), 3, variables, 2, &function));
  lend(variables[0]);
  sym_instance_destroy(other);
  EXPECT_EQ(count, 1);
  sym_function_release(function);
  EXPECT_EQ(count, 2);
}
