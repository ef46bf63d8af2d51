//===- Stream.h - Queues and the order in which they run --------*- C++ -*-===//
//
// One system thread executes the operations of all streams, one at a time, and
// draws the next at random from the heads of the queues whose waits are over.
// It starts when somebody waits, when more than a limit is pending, or when
// nothing was added for a while: what is enqueued meanwhile is in the draw, so
// that a missing wait does show. One operation at a time loses nothing that
// a program could rely on; blocks of a kernel do run in parallel.
//
// Everything here is under the simulator's mutex, except Work::run.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_DEVICE_SIM_STREAM_H
#define SYM_LIB_RUNTIME_DEVICE_SIM_STREAM_H

#include "Random.h"

#include <cuda.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

namespace sym::sim {

struct Device;
struct Graph;
struct Node;

/// What an operation does; used again by each launch of a graph.
struct Work {
  virtual ~Work() = default;
  /// Runs under no lock, on the executing thread. An error is sticky.
  virtual CUresult run() = 0;
  virtual CUgraphNodeType type() const = 0;
  /// Whether the driver knows nothing of a kernel but that it is one.
  virtual bool isOpaque() const { return false; }
};

/// One entry of a queue.
struct Op {
  std::shared_ptr<Work> work; ///< null for a mere point in the stream
  std::vector<std::shared_ptr<Op>> after;
  bool done = false;
  std::chrono::steady_clock::time_point finished;
};

/// A capture that streams are part of (cuStreamBeginCapture).
struct Capture {
  std::shared_ptr<Graph> graph;
  struct Stream *origin;
  bool broken = false;
};

struct Stream {
  Device *device;
  uint64_t id;
  bool blocking; ///< ordered with the device's null stream
  int priority = 0;
  std::deque<std::shared_ptr<Op>> queue;
  std::shared_ptr<Op> last;
  bool destroyed = false; ///< goes when its queue is empty
  std::shared_ptr<Capture> capture;
  std::vector<Node *> captured; ///< what the next captured node follows
};

struct Event {
  Device *device;
  bool timing;
  std::shared_ptr<Op> recorded;
  std::shared_ptr<Capture> capture; ///< recorded in a capturing stream
  std::vector<Node *> captured;
};

class Scheduler {
public:
  explicit Scheduler(std::mutex &mutex) : mutex(mutex) {}

  /// Adds an operation to the end of a stream, after `after` too.
  std::shared_ptr<Op> enqueue(Stream &stream, std::shared_ptr<Work> work,
                              std::vector<std::shared_ptr<Op>> after = {});
  /// Returns when the operation is done. `lock` holds the mutex.
  void wait(std::unique_lock<std::mutex> &lock, const std::shared_ptr<Op> &op);
  /// Returns when all that the device's streams hold now is done.
  void waitDevice(std::unique_lock<std::mutex> &lock, Device &device);
  /// Lets one operation run, so that who polls sees progress.
  void poke();
  /// Whether this is the executing thread, which must not wait for itself.
  static bool isExecutor();

private:
  void start();
  void loop();
  Stream *draw();

  std::mutex &mutex;
  std::condition_variable added, finished;
  bool started = false;
  int64_t pending = 0;
  int waiters = 0;
  int pokes = 0;
  std::chrono::steady_clock::time_point lastAdded;
};

} // namespace sym::sim

#endif // SYM_LIB_RUNTIME_DEVICE_SIM_STREAM_H
