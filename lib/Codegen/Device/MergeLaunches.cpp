//===- MergeLaunches.cpp - Kernels that nothing orders share a launch -----===//
//
// Launches, copies and deallocations are written down in the order of a block,
// and reordered by what they wait for: all that wait for nothing, then all that
// wait for these, and so on. Launches of one such level become one, whose
// blocks are dealt out. Everything moves only behind what stood after it, so
// nothing that may end the call moves behind a write (T4).
//
//===----------------------------------------------------------------------===//

#include "KernelBuilder.h"
#include "MemoryAccess.h"
#include "sym/Codegen/Device/Passes.h"
#include "sym/Dialect/Sym/IR/Placement.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMMERGELAUNCHES
#include "sym/Codegen/Device/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

/// What a kernel may have of shared memory to be merged: eight blocks of so
/// much, and as many threads as a multiprocessor holds, fit on every device. A
/// kernel with larger tiles would hold back the blocks of the others.
static constexpr int64_t kMostShared = 8 * 1024;

namespace {
/// A launch, or something else that stays in order with them.
struct Step {
  Operation *op;
  SmallVector<MemoryAccess> accesses;
  unsigned level = 0;
};

/// Launches that become one.
struct Group {
  SmallVector<gpu::LaunchFuncOp> members;
  SetVector<Value> operands;
  int64_t threads = 0;
};

struct MergeLaunches
    : public mlir::sym::impl::SymMergeLaunchesBase<MergeLaunches> {
  using SymMergeLaunchesBase::SymMergeLaunchesBase;
  void runOnOperation() override;

private:
  void runOnBlock(Block &block, MemoryAccesses &accesses);
  /// Puts `steps` before `end`, and empties it.
  void flush(SmallVectorImpl<Step> &steps, Operation *end);
  /// Takes `launch` in, unless that makes the kernel too large.
  bool join(Group &group, gpu::LaunchFuncOp launch);
  void merge(Group &group);

  /// Kernels with a launch less.
  SetVector<gpu::GPUFuncOp> replaced;
};
} // namespace

static std::optional<int64_t> getConstant(Value value) {
  return getConstantIntValue(value);
}

/// The threads of a block, if `launch` has a grid of one dimension and blocks
/// without a third.
static std::optional<int64_t> getThreads(gpu::LaunchFuncOp launch) {
  gpu::KernelDim3 grid = launch.getGridSizeOperandValues();
  gpu::KernelDim3 block = launch.getBlockSizeOperandValues();
  std::optional<int64_t> x = getConstant(block.x), y = getConstant(block.y);
  if (getConstant(grid.y) != 1 || getConstant(grid.z) != 1 ||
      getConstant(block.z) != 1 || !x || !y || launch.hasClusterSize() ||
      launch.getDynamicSharedMemorySize() || launch.getAsyncObject())
    return std::nullopt;
  return *x * *y;
}

/// Bytes of a parameter.
static int64_t getBytes(Type type) {
  return isa<BaseMemRefType>(type) || !type.isIntOrFloat()
             ? 8
             : llvm::divideCeil(type.getIntOrFloatBitWidth(), 8);
}

/// Bytes of shared memory. Members of different launches that have buffers of
/// the same types share them.
static int64_t getShared(gpu::GPUFuncOp kernel) {
  int64_t bytes = 0;
  for (BlockArgument buffer : kernel.getWorkgroupAttributions()) {
    auto type = cast<MemRefType>(buffer.getType());
    bytes += type.getNumElements() *
             llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  }
  return bytes;
}

/// Whether the kernel's code can stand in a branch of another.
static bool isMergeable(gpu::GPUFuncOp kernel) {
  return kernel && kernel.getBody().hasOneBlock() &&
         kernel.getPrivateAttributions().empty() &&
         getShared(kernel) <= kMostShared;
}

bool MergeLaunches::join(Group &group, gpu::LaunchFuncOp launch) {
  std::optional<int64_t> threads = getThreads(launch);
  auto kernel = SymbolTable::lookupNearestSymbolFrom<gpu::GPUFuncOp>(
      launch, launch.getKernel());
  if (!threads || !isMergeable(kernel) ||
      (!group.members.empty() && (group.threads != *threads ||
                                  group.members.front().getKernelModuleName() !=
                                      launch.getKernelModuleName())))
    return false;
  SetVector<Value> operands = group.operands;
  operands.insert_range(launch.getKernelOperands());
  Value blocks = launch.getGridSizeX();
  if (!getConstant(blocks))
    operands.insert(blocks);
  // As they lie in memory, each at a multiple of its size, at worst.
  int64_t bytes = 0;
  for (Value operand : operands)
    bytes += llvm::alignTo(getBytes(operand.getType()), 8);
  if (bytes > parameterBytes)
    return false;
  group.members.push_back(launch);
  group.operands = std::move(operands);
  group.threads = *threads;
  return true;
}

/// Puts the code of `kernel` at `b`, where the ids of threads and blocks are
/// those of its own launch.
static void inlineKernel(ImplicitLocOpBuilder &b, gpu::GPUFuncOp kernel,
                         IRMapping &mapping, ArrayRef<int64_t> blockSize,
                         Value block, Value blocks) {
  auto index = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, value);
  };
  for (Operation &op : kernel.getBody().front().without_terminator())
    b.clone(op, mapping);
  Block &body = *b.getInsertionBlock();
  b.setInsertionPointToStart(&body);
  auto replace = [&](Operation *op, gpu::Dimension dim, Value x, Value y) {
    Value value = dim == gpu::Dimension::x   ? x
                  : dim == gpu::Dimension::y ? y
                                             : Value();
    if (!value)
      value = isa<gpu::ThreadIdOp, gpu::BlockIdOp>(op) ? index(0) : index(1);
    op->getResult(0).replaceAllUsesWith(value);
    op->erase();
  };
  // The threads are in a row, in the order in which they were.
  Value number = gpu::ThreadIdOp::create(b, gpu::Dimension::x);
  Operation *own = number.getDefiningOp();
  Value x = number, y = index(0);
  if (blockSize[1] != 1) {
    x = arith::RemUIOp::create(b, number, index(blockSize[0]));
    y = arith::DivUIOp::create(b, number, index(blockSize[0]));
  }
  Value sizeX = index(blockSize[0]), sizeY = index(blockSize[1]);
  Value zero = index(0), one = index(1);
  body.walk([&](Operation *op) {
    if (op == own)
      return;
    if (auto id = dyn_cast<gpu::ThreadIdOp>(op))
      replace(op, id.getDimension(), x, y);
    else if (auto id = dyn_cast<gpu::BlockIdOp>(op))
      replace(op, id.getDimension(), block, zero);
    else if (auto size = dyn_cast<gpu::GridDimOp>(op))
      replace(op, size.getDimension(), blocks, one);
    else if (auto size = dyn_cast<gpu::BlockDimOp>(op))
      replace(op, size.getDimension(), sizeX, sizeY);
  });
}

void MergeLaunches::merge(Group &group) {
  gpu::LaunchFuncOp last = group.members.back();
  SmallVector<Location> locations;
  SmallVector<gpu::GPUFuncOp> kernels;
  for (gpu::LaunchFuncOp member : group.members) {
    locations.push_back(member.getLoc());
    kernels.push_back(SymbolTable::lookupNearestSymbolFrom<gpu::GPUFuncOp>(
        member, member.getKernel()));
  }
  auto module = kernels.front()->getParentOfType<gpu::GPUModuleOp>();
  ImplicitLocOpBuilder host(FusedLoc::get(&getContext(), locations), last);
  ImplicitLocOpBuilder b(host.getLoc(), &getContext());

  b.setInsertionPoint(kernels.back());
  ArrayRef<Value> operands = group.operands.getArrayRef();
  auto merged = gpu::GPUFuncOp::create(
      b, (kernels.front().getName() + "_merged").str(),
      b.getFunctionType(TypeRange(ValueRange(operands)), {}));
  merged->remove();
  SymbolTable(module).insert(merged, kernels.back()->getIterator());
  merged->setAttr(gpu::GPUDialect::getKernelFuncAttrName(), b.getUnitAttr());
  merged.setKnownBlockSize(
      SmallVector<int32_t>{static_cast<int32_t>(group.threads), 1, 1});
  b.setInsertionPointToStart(&merged.getBody().front());

  auto inside = [&](Value value) -> Value {
    if (std::optional<int64_t> constant = getConstant(value);
        constant && !group.operands.contains(value))
      return arith::ConstantIndexOp::create(b, *constant);
    auto place = llvm::find(operands, value);
    return merged.getArgument(place - operands.begin());
  };
  // Buffers in shared memory by type: a block runs one member.
  llvm::MapVector<Type, SmallVector<Value>> buffers;
  Value block = gpu::BlockIdOp::create(b, gpu::Dimension::x);
  Value total;
  for (auto [member, kernel] : llvm::zip_equal(group.members, kernels)) {
    IRMapping mapping;
    for (auto [operand, argument] :
         llvm::zip_first(member.getKernelOperands(), kernel.getArguments()))
      mapping.map(argument, inside(operand));
    llvm::SmallDenseMap<Type, unsigned> taken;
    for (BlockArgument buffer : kernel.getWorkgroupAttributions()) {
      SmallVector<Value> &same = buffers[buffer.getType()];
      unsigned number = taken[buffer.getType()]++;
      if (number == same.size())
        same.push_back(
            merged.addWorkgroupAttribution(buffer.getType(), buffer.getLoc()));
      mapping.map(buffer, same[number]);
    }
    // As unsigned numbers the blocks before the member's are large too.
    Value blocks = inside(member.getGridSizeX()), mine = block;
    if (total)
      mine = arith::SubIOp::create(b, block, total);
    Value isMine =
        arith::CmpIOp::create(b, arith::CmpIPredicate::ult, mine, blocks);
    auto branch = scf::IfOp::create(b, isMine, /*withElseRegion=*/false);
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(branch.thenBlock());
      gpu::KernelDim3 size = member.getBlockSizeOperandValues();
      inlineKernel(b, kernel, mapping,
                   {*getConstant(size.x), *getConstant(size.y)}, mine, blocks);
    }
    total =
        total ? arith::AddIOp::create(b, total, blocks).getResult() : blocks;
  }
  gpu::ReturnOp::create(b);

  Value grid;
  for (gpu::LaunchFuncOp member : group.members)
    grid = grid ? host.createOrFold<arith::AddIOp>(grid, member.getGridSizeX())
                : member.getGridSizeX();
  auto size = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(host, value);
  };
  Value one = size(1);
  gpu::LaunchFuncOp::create(host, merged, gpu::KernelDim3{grid, one, one},
                            gpu::KernelDim3{size(group.threads), one, one},
                            Value(), operands);
  for (gpu::LaunchFuncOp member : group.members)
    member.erase();
  replaced.insert_range(kernels);
  numMerged += group.members.size();
  ++numLaunches;
}

void MergeLaunches::flush(SmallVectorImpl<Step> &steps, Operation *end) {
  for (unsigned level = 0, placed = 0; placed != steps.size(); ++level) {
    SmallVector<Group> groups;
    for (Step &step : steps) {
      if (step.level != level)
        continue;
      ++placed;
      step.op->moveBefore(end);
      auto launch = dyn_cast<gpu::LaunchFuncOp>(step.op);
      if (!launch || llvm::any_of(groups, [&](Group &group) {
            return join(group, launch);
          }))
        continue;
      Group group;
      if (join(group, launch))
        groups.push_back(std::move(group));
    }
    for (Group &group : groups)
      if (group.members.size() > 1)
        merge(group);
  }
  steps.clear();
}

void MergeLaunches::runOnBlock(Block &block, MemoryAccesses &accesses) {
  SmallVector<Step> steps;
  for (Operation &op : llvm::make_early_inc_range(block)) {
    std::optional<SmallVector<MemoryAccess>> mine = accesses.get(&op);
    // A read by the host can fail: nothing that stood behind it may come before
    // it (T4).
    bool waits = readsDevice(&op);
    bool isStep =
        isa<gpu::LaunchFuncOp, memref::CopyOp, memref::DeallocOp>(op) && mine &&
        !waits;
    unsigned level = 0;
    bool conflicts = !mine || waits || op.hasTrait<OpTrait::IsTerminator>();
    if (!conflicts)
      for (Step &step : steps)
        if (mayConflict(step.accesses, *mine)) {
          conflicts = true;
          level = std::max(level, step.level + 1);
        }
    if (isStep)
      steps.push_back({&op, std::move(*mine), level});
    else if (conflicts)
      flush(steps, &op);
  }
}

void MergeLaunches::runOnOperation() {
  ModuleOp program = getOperation();
  MemoryAccesses accesses(program);
  SmallVector<Block *> blocks;
  for (Operation &function : *program.getBody())
    if (isa<FunctionOpInterface>(function))
      function.walk([&](Block *block) { blocks.push_back(block); });
  for (Block *block : blocks)
    runOnBlock(*block, accesses);
  // A kernel may have had several launches.
  for (gpu::GPUFuncOp kernel : replaced)
    if (SymbolTable::symbolKnownUseEmpty(kernel, program))
      kernel.erase();
}
