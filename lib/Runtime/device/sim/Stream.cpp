//===- Stream.cpp - Queues and the order in which they run ----------------===//

#include "Stream.h"
#include "Simulator.h"

#include <thread>

using namespace sym::sim;

static thread_local bool isExecutorThread = false;

bool Scheduler::isExecutor() { return isExecutorThread; }

std::shared_ptr<Op> Scheduler::enqueue(Stream &stream,
                                       std::shared_ptr<Work> work,
                                       std::vector<std::shared_ptr<Op>> after) {
  start();
  Device &device = *stream.device;
  // The null stream and the streams that did not opt out wait for each other.
  if (&stream == device.nullStream.get()) {
    for (Stream *other : simulator().streams)
      if (other->device == &device && other->blocking && other->last)
        after.push_back(other->last);
  } else if (stream.blocking && device.nullStream->last) {
    after.push_back(device.nullStream->last);
  }
  auto op = std::make_shared<Op>();
  op->work = std::move(work);
  op->after = std::move(after);
  stream.queue.push_back(op);
  stream.last = op;
  ++pending;
  lastAdded = std::chrono::steady_clock::now();
  added.notify_one();
  return op;
}

void Scheduler::wait(std::unique_lock<std::mutex> &lock,
                     const std::shared_ptr<Op> &op) {
  if (!op || op->done)
    return;
  ++waiters;
  added.notify_one();
  finished.wait(lock, [&] { return op->done; });
  --waiters;
}

void Scheduler::waitDevice(std::unique_lock<std::mutex> &lock, Device &device) {
  std::vector<std::shared_ptr<Op>> all = {device.nullStream->last};
  for (Stream *stream : simulator().streams)
    if (stream->device == &device)
      all.push_back(stream->last);
  for (const std::shared_ptr<Op> &op : all)
    wait(lock, op);
}

void Scheduler::poke() {
  ++pokes;
  added.notify_one();
}

void Scheduler::start() {
  if (started)
    return;
  started = true;
  // Never joined: it may sleep until the process ends, and so this library is
  // never unloaded.
  std::thread([this] { loop(); }).detach();
}

/// A stream whose first operation may run, drawn at random; null for none.
Stream *Scheduler::draw() {
  std::vector<Stream *> ready;
  auto consider = [&](Stream *stream) {
    if (stream->queue.empty())
      return;
    for (const std::shared_ptr<Op> &op : stream->queue.front()->after)
      if (!op->done)
        return;
    ready.push_back(stream);
  };
  Simulator &sim = simulator();
  for (auto &device : sim.devices)
    consider(device->nullStream.get());
  // By number and not by address: a seed means one order.
  std::map<uint64_t, Stream *> ordered;
  for (Stream *stream : sim.streams)
    ordered[stream->id] = stream;
  for (auto &stream : ordered)
    consider(stream.second);
  return ready.empty() ? nullptr : ready[sim.random.below(ready.size())];
}

void Scheduler::loop() {
  isExecutorThread = true;
  Simulator &sim = simulator();
  std::unique_lock<std::mutex> lock(mutex);
  for (;;) {
    if (!pending) {
      pokes = 0;
      added.wait(lock);
      continue;
    }
    if (!waiters && !pokes && pending <= sim.config.maxPending) {
      auto due =
          lastAdded + std::chrono::microseconds(sim.config.lagMicroseconds);
      if (std::chrono::steady_clock::now() < due) {
        added.wait_until(lock, due);
        continue;
      }
    }
    if (pokes)
      --pokes;
    Stream *stream = draw();
    // Dependences name only what was enqueued before: some head is ready.
    std::shared_ptr<Op> op = stream->queue.front();
    Device &device = *stream->device;
    std::shared_ptr<Work> work = std::move(op->work);
    CUresult result = CUDA_SUCCESS;
    if (work && !device.error()) {
      lock.unlock();
      result = work->run();
      work = nullptr;
      lock.lock();
    }
    if (result && !device.sticky)
      device.sticky = result;
    stream->queue.pop_front();
    op->after.clear();
    op->done = true;
    op->finished = std::chrono::steady_clock::now();
    --pending;
    if (stream->destroyed && stream->queue.empty()) {
      sim.streams.erase(stream);
      delete stream;
    }
    finished.notify_all();
  }
}
