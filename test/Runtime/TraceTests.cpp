//===- TraceTests.cpp - What a trace tells --------------------------------===//
//
// That the text is JSON, that events nest, and that it agrees with the
// statistics, is checked by a JSON parser in test/Tools/trace.test.
//
//===----------------------------------------------------------------------===//

#include "FileFixture.h"
#include "Programs.h"
#include "Sanitizers.h"
#include "store/Variable.h"
#include "sym/Runtime/sym.hpp"

#include <atomic>
#include <sys/wait.h>
#include <thread>

using namespace symtest;

namespace {
void appendText(void *context, const char *text, size_t length) {
  static_cast<std::string *>(context)->append(text, length);
}

size_t countOf(const std::string &text, const std::string &what) {
  size_t count = 0;
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos;
       at += what.size())
    ++count;
  return count;
}

bool holds(const std::string &text, const std::string &what) {
  return text.find(what) != std::string::npos;
}

class Trace : public Files {
protected:
  Trace() : instance(mainProgram(SYM_POLICY_INPLACE)) {}
  void start(int64_t bytes = 0) {
    text.clear();
    ASSERT_OK(sym_trace_start_to(appendText, &text, bytes));
  }
  const std::string &stop() {
    EXPECT_OK(sym_trace_stop());
    return text;
  }
  std::string file(const char *name) {
    Bytes bytes = read(path(name));
    return std::string(bytes.begin(), bytes.end());
  }
  void add() { EXPECT_OK(instance.call("add", {Tensor(one)})); }
  /// Runs `fn` in a child that is ended if it hangs; how the child ended.
  template <typename Fn> int inChild(Fn fn) {
    pid_t child = fork();
    if (child == 0) {
      alarm(30);
      fn();
    }
    int status;
    waitpid(child, &status, 0);
    return status;
  }
  Instance instance;
  std::string text;
  int32_t one = 1;
};

const char *const kCallOfAdd = "{\"name\":\"add\",\"cat\":\"call\"";
} // namespace

TEST_F(Trace, CallsTellHowTheyEnded) {
  std::vector<double> x(4, 1.0), longer(5, 1.0);
  ASSERT_OK(setVector(instance.variable("s"), x));
  ASSERT_OK(setVector(instance.variable("t"), x));
  start();
  add();
  EXPECT_OK(instance.call("axpy", {Tensor(x)}));
  EXPECT_NE(instance.call("axpy", {Tensor(longer)}), SYM_OK);
  EXPECT_OK(instance.call("rotate", {Tensor(x)}));
  stop();
  EXPECT_EQ(countOf(text, kCallOfAdd), 1u);
  EXPECT_EQ(countOf(text, "\"name\":\"axpy\""), 2u);
  EXPECT_EQ(countOf(text, "\"status\":\"SYM_SHAPE_MISMATCH\",\"in_place\":"
                          "false"),
            1u);
  EXPECT_EQ(countOf(text, "\"status\":\"SYM_OK\",\"in_place\":true"), 2u);
  EXPECT_TRUE(holds(text, "\"name\":\"commit rotate\""));
  EXPECT_TRUE(holds(text, "\"args\":{\"exchanges\":2}"));
  EXPECT_TRUE(holds(text, "\"complete\":true,\"dropped\":0"));
}

TEST_F(Trace, CopiesOnWriteAndCommitsOfVariables) {
  std::vector<double> x(4, 1.0);
  ASSERT_OK(setVector(instance.variable("s"), x));
  sym_array *pin;
  ASSERT_OK(sym_variable_borrow(instance.variable("s"), &pin));
  start();
  EXPECT_OK(instance.call("axpy", {Tensor(x)}));
  EXPECT_OK(setVector(instance.variable("t"), x));
  stop();
  sym_array_release(pin);
  EXPECT_EQ(countOf(text, "\"name\":\"copy on write in axpy\""), 1u);
  EXPECT_EQ(countOf(text, "\"name\":\"commit t\""), 1u);
}

TEST_F(Trace, MemoryAndTheLackOfIt) {
  // Larger than what is idle, so that the system is asked.
  std::vector<double> big(9 << 20, 1.0);
  sym_trim();
  start();
  EXPECT_OK(setVector(instance.variable("s"), big));
  sym_set_memory_cap(1 << 20);
  EXPECT_EQ(setVector(instance.variable("t"), big), SYM_OUT_OF_MEMORY);
  sym_set_memory_cap(0);
  EXPECT_OK(setVector(instance.variable("s"), {1}));
  sym_trim();
  stop();
  EXPECT_TRUE(holds(text, "\"name\":\"allocate\""));
  EXPECT_TRUE(holds(text, "\"name\":\"free\""));
  EXPECT_TRUE(holds(text, "\"name\":\"out of memory\""));
  EXPECT_TRUE(holds(text, "\"name\":\"return pages\""));
}

TEST_F(Trace, WaitsNameTheVariableAndItsLastWriter) {
  start();
  std::atomic<bool> waits{false};
  sym_variable *n = instance.variable("n");
  add(); // the last writer is this thread
  n->lock.lockExclusive();
  std::thread other([&] {
    pthread_setname_np(pthread_self(), "the \"waiter\"");
    waits = true;
    add();
  });
  while (!waits)
    std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  n->lock.unlockExclusive();
  other.join();
  stop();
  EXPECT_EQ(countOf(text, "\"name\":\"wait for n\""), 1u);
  EXPECT_TRUE(holds(text, "\"mode\":\"exclusive\",\"last_writer\":" +
                              std::to_string(sym::rt::traceThread())));
  EXPECT_TRUE(holds(text, "{\"name\":\"the \\\"waiter\\\"\"}"));
}

TEST_F(Trace, MemoryIsBoundedAndWhatIsDroppedIsCounted) {
  const int calls = 20000;
  start(/*bytes=*/1); // the least: four pieces of 32 KB
  for (int i = 0; i < calls; ++i)
    add();
  stop();
  size_t kept = countOf(text, kCallOfAdd);
  EXPECT_GT(kept, 1000u);
  EXPECT_LT(kept, 4000u);
  EXPECT_TRUE(
      holds(text, "\"dropped\":" + std::to_string(calls - int(kept)) + "}"));
}

TEST_F(Trace, OneAtATimeAndNoneIsNotStopped) {
  EXPECT_EQ(sym_trace_stop(), SYM_INVALID_ARGUMENT);
  start();
  std::string other;
  EXPECT_EQ(sym_trace_start_to(appendText, &other, 0), SYM_INVALID_ARGUMENT);
  add();
  stop();
  EXPECT_EQ(countOf(text, kCallOfAdd), 1u);
  add(); // is in no trace
  start();
  stop();
  EXPECT_EQ(countOf(text, kCallOfAdd), 0u);
  EXPECT_EQ(sym_trace_start("/nowhere/trace.json", 0), SYM_IO_ERROR);
  EXPECT_EQ(sym_trace_start("", 0), SYM_INVALID_ARGUMENT);
  EXPECT_EQ(sym_trace_stop(), SYM_INVALID_ARGUMENT);
}

// Threads come and go while traces do: nothing is lost as long as there is
// room, whatever a thread that ends has recorded.
TEST_F(Trace, ManyThreadsAndManyTraces) {
  for (int round = 0; round < 10; ++round) {
    start();
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 50; ++i)
          add();
      });
    for (std::thread &thread : threads)
      thread.join();
    stop();
    EXPECT_EQ(countOf(text, kCallOfAdd), 200u);
  }
}

TEST_F(Trace, MayStartAndStopWhileCallsRun) {
#ifdef SYM_SLOW
  const int rounds = 20;
#else
  const int rounds = 100;
#endif
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&] {
      while (!done)
        add();
    });
  size_t seen = 0;
  for (int i = 0; i < rounds; ++i) {
    start(/*bytes=*/1);
    std::this_thread::sleep_for(std::chrono::microseconds(300));
    stop();
    ASSERT_EQ(text.substr(text.size() - 4), "\n]}\n");
    seen += countOf(text, kCallOfAdd);
  }
  done = true;
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_GT(seen, 0u);
}

TEST_F(Trace, AFileIsWholeHoweverTheProcessEnds) {
  // Killed: what was there at the start.
  int status = inChild([&] {
    EXPECT_OK(sym_trace_start(path("killed").c_str(), 0));
    add();
    kill(getpid(), SIGKILL);
  });
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_TRUE(holds(file("killed"), "\"complete\":false"));
  EXPECT_EQ(file("killed").substr(file("killed").size() - 4), "\n]}\n");
  // Exited without a stop: everything.
  status = inChild([&] {
    EXPECT_OK(sym_trace_start(path("exited").c_str(), 0));
    add();
    exit(0);
  });
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(holds(file("exited"), "\"complete\":true"));
  EXPECT_EQ(countOf(file("exited"), kCallOfAdd), 1u);
}

TEST_F(Trace, TheWrapperStopsItsTrace) {
  {
    sym::Trace trace(path("scope"));
    add();
  }
  EXPECT_EQ(countOf(file("scope"), kCallOfAdd), 1u);
  sym::Trace trace(path("stopped"));
  EXPECT_THROW(sym::Trace second(path("second")), sym::Error);
  trace.stop();
  EXPECT_TRUE(holds(file("stopped"), "\"complete\":true"));
  EXPECT_THROW(trace.stop(), sym::Error);
}

TEST_F(Trace, AForkLeavesTheTraceToTheParent) {
  EXPECT_OK(sym_trace_start(path("t").c_str(), 0));
  add();
  int status = inChild([&] {
    // A child may record its own.
    bool good = sym_trace_stop() == SYM_INVALID_ARGUMENT;
    std::string own;
    good &= !sym_trace_start_to(appendText, &own, 0);
    add();
    good &= !sym_trace_stop() && countOf(own, kCallOfAdd) == 1;
    _exit(good ? 0 : 1);
  });
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(holds(file("t"), "\"complete\":false"));
  add();
  EXPECT_OK(sym_trace_stop());
  EXPECT_EQ(countOf(file("t"), kCallOfAdd), 2u);
}

// Names may be any bytes; the text stays UTF-8.
TEST_F(Trace, NamesAreEscaped) {
  sym_variable *odd;
  sym_type_desc type = {SYM_ELEMENT_I64, 0, nullptr};
  ASSERT_OK(sym_variable_create("a\"b\\c\nd\xff \xc3\xa9\xed\xa0\x80", type,
                                SYM_POLICY_INPLACE, nullptr, &odd));
  start();
  EXPECT_OK(setInt(odd, 3));
  stop();
  sym_variable_release(odd);
  EXPECT_TRUE(holds(text, "commit a\\\"b\\\\c\\u000ad\\ufffd "
                          "\xc3\xa9\\ufffd\\ufffd\\ufffd\""));
}
