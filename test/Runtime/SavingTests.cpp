//===- SavingTests.cpp - A save is whole or has not happened --------------===//
//
// This program puts itself in front of the calls that change files. It can
// trace them, let the k-th fail, or end the process there: what a crash leaves
// behind must load as the old state or as the new one.
//
//===----------------------------------------------------------------------===//

#include "FileFixture.h"
#include "Sanitizers.h"

#include <errno.h>
#include <fcntl.h>
#include <random>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

using namespace symtest;

//===----------------------------------------------------------------------===//
// In front of the system
//===----------------------------------------------------------------------===//

namespace {
struct Event {
  std::string what; ///< "open", "write", "fsync", "rename", "unlink"
  int file;
  std::string path, to;
  Bytes bytes;
};

enum class Fault {
  None,
  Error,   ///< the call fails
  Short,   ///< every write writes a part, and every call is interrupted first
  Kill,    ///< the process ends before the call
  KillHalf ///< the process ends within it, if it is a write
};

struct Interposer {
  bool tracing = false;
  std::vector<Event> events;
  Fault fault = Fault::None;
  int64_t countdown = 0;
  int error = EIO;
  bool interrupted = false;

  /// Counts down to the fault; whether the call fails instead.
  bool fails(int file, const void *data, size_t count) {
    if (!tracing)
      return false;
    if (fault == Fault::Short) {
      interrupted = !interrupted;
      errno = EINTR;
      return interrupted;
    }
    if (fault == Fault::None || --countdown != 0)
      return false;
    if (fault == Fault::Error) {
      errno = error;
      return true;
    }
    if (fault == Fault::KillHalf && data)
      syscall(SYS_write, file, data, count / 2);
    kill(getpid(), SIGKILL);
    return false;
  }
  void record(Event event) {
    if (tracing)
      events.push_back(std::move(event));
  }
} interposer;
} // namespace

extern "C" {
int open(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  int mode = flags & O_CREAT ? va_arg(arguments, int) : 0;
  va_end(arguments);
  bool changes = flags & (O_CREAT | O_DIRECTORY);
  if (changes && interposer.fails(-1, nullptr, 0))
    return -1;
  int file = int(syscall(SYS_openat, AT_FDCWD, path, flags, mode));
  if (changes)
    interposer.record({"open", file, path, "", {}});
  return file;
}
ssize_t write(int file, const void *data, size_t count) {
  if (file > 2 && interposer.fails(file, data, count))
    return -1;
  if (interposer.fault == Fault::Short && count > 1)
    count = (count + 2) / 3;
  ssize_t done = syscall(SYS_write, file, data, count);
  if (file > 2 && done > 0) {
    const char *bytes = static_cast<const char *>(data);
    interposer.record({"write", file, "", "", Bytes(bytes, bytes + done)});
  }
  return done;
}
int fsync(int file) {
  if (interposer.fails(file, nullptr, 0))
    return -1;
  interposer.record({"fsync", file, "", "", {}});
  return int(syscall(SYS_fsync, file));
}
int rename(const char *from, const char *to) noexcept {
  // Not interrupted: rename never reports that.
  if (interposer.fault != Fault::Short && interposer.fails(-1, nullptr, 0))
    return -1;
  interposer.record({"rename", -1, from, to, {}});
  return int(syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to));
}
}

namespace {
class Saving : public Files {
protected:
  Saving() : instance(mainProgram(SYM_POLICY_INPLACE)) {
    interposer = {};
    target = path("state.npz");
    put(1);
    EXPECT_OK(save());
    original = read(target);
  }
  /// State `x`: every variable says the same.
  void put(int64_t x) {
    EXPECT_OK(setInt(instance.variable("n"), x));
    EXPECT_OK(setInt(instance.variable("m"), -x));
    EXPECT_OK(setVector(instance.variable("s"),
                        std::vector<double>(size_t(500 + x), double(x))));
    EXPECT_OK(setVector(instance.variable("t"), {double(x), 0.5}));
  }
  sym_status save() {
    return sym_instance_save(instance.get(), target.c_str());
  }
  sym_status tracedSave(Fault fault = Fault::None, int64_t k = 0) {
    interposer.events.clear();
    interposer.fault = fault;
    interposer.countdown = k;
    interposer.tracing = true;
    sym_status status = save();
    interposer.tracing = false;
    return status;
  }
  /// Which state the file holds; -1 if it does not load, or is a mixture.
  int64_t stateOf(const std::string &file) {
    Instance fresh(mainProgram(SYM_POLICY_DOUBLE_BUFFER));
    if (sym_instance_load(fresh.get(), file.c_str(), 0))
      return -1;
    int64_t x = readInt(fresh.variable("n"));
    bool whole =
        readInt(fresh.variable("m")) == -x &&
        readVector(fresh.variable("s")) ==
            std::vector<double>(size_t(500 + x), double(x)) &&
        readVector(fresh.variable("t")) == std::vector<double>{double(x), 0.5};
    return whole ? x : -1;
  }
  /// Runs `fn` in a process that is killed, and says whether it was.
  template <typename Fn> bool killed(Fn fn) {
    pid_t child = fork();
    if (child == 0) {
      fn();
      _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  }
  Instance instance;
  std::string target;
  Bytes original;
};
} // namespace

//===----------------------------------------------------------------------===//
// The order of the calls
//===----------------------------------------------------------------------===//

TEST_F(Saving, T4_WritesSyncsRenamesAndSyncsTheDirectory) {
  put(2);
  ASSERT_OK(tracedSave());
  const std::vector<Event> &events = interposer.events;
  ASSERT_GE(events.size(), 6u);
  EXPECT_EQ(events[0].what, "open");
  std::string temporary = events[0].path;
  EXPECT_NE(temporary, target);
  EXPECT_EQ(temporary.substr(0, target.size()), target) << "beside the target";
  size_t i = 1;
  Bytes written;
  for (; events[i].what == "write"; ++i) {
    EXPECT_EQ(events[i].file, events[0].file);
    written.insert(written.end(), events[i].bytes.begin(),
                   events[i].bytes.end());
  }
  ASSERT_EQ(events.size(), i + 4);
  EXPECT_EQ(events[i].what, "fsync");
  EXPECT_EQ(events[i].file, events[0].file);
  EXPECT_EQ(events[i + 1].what, "rename");
  EXPECT_EQ(events[i + 1].path, temporary);
  EXPECT_EQ(events[i + 1].to, target);
  EXPECT_EQ(events[i + 2].what, "open");
  EXPECT_EQ(events[i + 2].path, directory);
  EXPECT_EQ(events[i + 3].what, "fsync");
  EXPECT_EQ(events[i + 3].file, events[i + 2].file);
  EXPECT_EQ(read(target), written) << "what was synced is what is there";
  EXPECT_EQ(stateOf(target), 2);
}

TEST_F(Saving, T4_AnArrayIsSavedTheSameWay) {
  double data[] = {1, 2, 3};
  int64_t size = 3;
  sym_tensor value = {data, SYM_ELEMENT_F64, 1, &size, nullptr};
  interposer.tracing = true;
  ASSERT_OK(sym_npy_save(path("a.npy").c_str(), &value));
  interposer.tracing = false;
  std::string order;
  for (const Event &event : interposer.events)
    order += event.what + " ";
  EXPECT_EQ(order, "open write write fsync rename open fsync ");
}

TEST_F(Saving, T4_ShortAndInterruptedCallsAreGoneOnWith) {
  put(2);
  ASSERT_OK(tracedSave(Fault::Short));
  EXPECT_GT(interposer.events.size(), 50u);
  EXPECT_EQ(stateOf(target), 2);
}

TEST_F(Saving, T4_EveryCallFailsOnce) {
  put(2);
  ASSERT_OK(tracedSave());
  size_t calls = interposer.events.size();
  for (int error : {EIO, ENOSPC, EACCES})
    for (size_t k = 1; k <= calls; ++k) {
      write(target, original);
      interposer.error = error;
      int64_t before = sym_get_statistics().bytes_in_use;
      EXPECT_EQ(tracedSave(Fault::Error, int64_t(k)), SYM_IO_ERROR) << k;
      EXPECT_NE(strstr(sym_error_message(), strerror(error)), nullptr);
      EXPECT_EQ(sym_get_statistics().bytes_in_use, before);
      EXPECT_EQ(list(), std::vector<std::string>{"state.npz"}) << k;
      // Behind the rename the new file is there; only that it will stay is not
      // known.
      EXPECT_EQ(stateOf(target), k + 1 >= calls ? 2 : 1) << k;
      EXPECT_EQ(readInt(instance.variable("n")), 2);
    }
}

//===----------------------------------------------------------------------===//
// The end of the process
//===----------------------------------------------------------------------===//

TEST_F(Saving, T4_KilledAtEveryCall) {
  put(2);
  for (Fault fault : {Fault::Kill, Fault::KillHalf}) {
    int64_t last = 1, k = 1;
    for (;; ++k) {
      write(target, original);
      if (!killed([&] { tracedSave(fault, k); }))
        break;
      int64_t state = stateOf(target);
      EXPECT_GE(state, last) << "old ones first, then new ones; " << k;
      EXPECT_LE(state, 2);
      last = state;
    }
    EXPECT_EQ(last, 2) << "killed behind the rename";
    EXPECT_GT(k, 10);
    EXPECT_EQ(stateOf(target), 2);
  }
  // What the dead left beside it is in nobody's way.
  EXPECT_GT(list().size(), 1u);
  put(3);
  ASSERT_OK(save());
  EXPECT_EQ(stateOf(target), 3);
}

TEST_F(Saving, T4_KilledAtRandom) {
  // The process saves state after state; wherever it is killed, the file holds
  // one of them.
#ifdef SYM_SLOW
  const int attempts = 50;
#else
  const int attempts = 300;
#endif
  std::mt19937 random(1);
  std::vector<int> found(4);
  for (int attempt = 0; attempt < attempts; ++attempt) {
    // It says when it has saved some states, on however busy a machine.
    int saves = int(random() % 4), pipes[2];
    ASSERT_EQ(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
      alarm(60);
      for (int64_t x = 2;; x = x == 2 ? 3 : 2, --saves) {
        if (saves == 0)
          (void)!::write(pipes[1], "", 1);
        put(x);
        save();
      }
    }
    char said;
    ASSERT_EQ(::read(pipes[0], &said, 1), 1);
    close(pipes[0]);
    close(pipes[1]);
    usleep(random() % 1000);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    int64_t state = stateOf(target);
    ASSERT_GE(state, 1) << attempt;
    ASSERT_LE(state, 3) << attempt;
    ++found[size_t(state)];
    for (const std::string &name : list())
      if (name != "state.npz")
        unlink(path(name.c_str()).c_str());
  }
  EXPECT_GT(found[2], attempts / 30);
  EXPECT_GT(found[3], attempts / 30);
}

//===----------------------------------------------------------------------===//
// The end of the machine
//===----------------------------------------------------------------------===//

TEST_F(Saving, T4_PowerIsLostBehindEveryCall) {
  // A disk that keeps of a file what was synced, and of the rest any prefix;
  // and of a directory what was synced, and of the rest anything.
  put(2);
  ASSERT_OK(tracedSave());
  std::vector<Event> events = interposer.events;
  int images = 0;
  for (size_t crash = 0; crash <= events.size(); ++crash) {
    Bytes written;
    std::vector<size_t> lengths = {0}; // that the new file may have
    bool renamed = false, directorySynced = false;
    for (size_t i = 0; i < crash; ++i) {
      const Event &event = events[i];
      if (event.what == "write") {
        lengths.push_back(written.size() + event.bytes.size() / 2);
        written.insert(written.end(), event.bytes.begin(), event.bytes.end());
        lengths.push_back(written.size());
      } else if (event.what == "fsync" && !renamed) {
        lengths = {written.size()};
      } else if (event.what == "rename") {
        renamed = true;
      } else if (event.what == "fsync") {
        directorySynced = true;
      }
    }
    if (!directorySynced) { // the old name may stand
      write(path("image"), original);
      EXPECT_EQ(stateOf(path("image")), 1);
      ++images;
    }
    for (size_t length : lengths)
      if (renamed) { // the new one may
        write(path("image"),
              Bytes(written.begin(), written.begin() + int64_t(length)));
        EXPECT_EQ(stateOf(path("image")), 2) << "behind call " << crash;
        ++images;
      }
  }
  EXPECT_GT(images, int(events.size()));
}

TEST_F(Saving, DamageIsAClearError) {
  // Cut at every length, and every byte changed: an error that names the file,
  // or the state as it was.
  for (size_t length = 0; length < original.size(); ++length) {
    write(path("cut"),
          Bytes(original.begin(), original.begin() + int64_t(length)));
    ASSERT_EQ(sym_instance_load(instance.get(), path("cut").c_str(), 0),
              SYM_BAD_FORMAT)
        << length;
    ASSERT_NE(strstr(sym_error_message(), path("cut").c_str()), nullptr)
        << sym_error_message();
  }
  for (size_t at = 0; at < original.size(); ++at) {
    Bytes bytes = original;
    bytes[at] = char(bytes[at] ^ (1 << at % 8));
    write(path("flip"), bytes);
    int64_t state = stateOf(path("flip"));
    ASSERT_TRUE(state == 1 || state == -1) << at;
    if (state == -1)
      ASSERT_STRNE(sym_error_message(), "");
  }
}
