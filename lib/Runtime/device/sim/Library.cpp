//===- Library.cpp - What stand-ins for libraries ask of the simulator ----===//

#include "Library.h"
#include "Api.h"

using namespace sym::sim;

namespace {
struct LibraryWork : Work {
  explicit LibraryWork(const sym_sim_operation &operation)
      : operation(operation) {}
  ~LibraryWork() override { operation.release(operation.data); }
  CUresult run() override { return operation.run(operation.data); }
  CUgraphNodeType type() const override { return CU_GRAPH_NODE_TYPE_KERNEL; }
  bool isOpaque() const override { return true; }

  sym_sim_operation operation;
};
} // namespace

static CUresult checkContext(Lock &) { return CUDA_SUCCESS; }

static CUresult enqueue(Lock &, CUstream handle,
                        const sym_sim_operation *operation) {
  Stream *stream = streamOf(handle);
  if (!stream)
    return CUDA_ERROR_INVALID_HANDLE;
  if (stream->capture && stream->capture->broken)
    return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
  return submit(*stream, std::make_shared<LibraryWork>(*operation));
}

static void *access(uint64_t address, uint64_t bytes, const char *what) {
  Simulator &sim = simulator();
  if (sim.live.contains(address, bytes))
    return hostBytes(address);
  sim.report(std::string(what) + ": " + std::to_string(bytes) +
             " bytes of memory that is not allocated now in the order of "
             "streams");
  return nullptr;
}

static void report(const char *text) { simulator().report(text); }

const sym_sim_library &sym::sim::library() {
  static const sym_sim_library all = {&Entry<checkContext, kContextCall>::call,
                                      &Entry<enqueue, kContextCall>::call,
                                      access, report};
  return all;
}
