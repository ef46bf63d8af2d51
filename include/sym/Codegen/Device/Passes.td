//===- Passes.td - Passes of sym/Codegen/Device ---*- tablegen -*-===//

#ifndef SYM_CODEGEN_DEVICE_PASSES_TD
#define SYM_CODEGEN_DEVICE_PASSES_TD

include "mlir/Pass/PassBase.td"

def SymElementwiseKernels : Pass<"sym-elementwise-kernels", "ModuleOp"> {
  let summary = "Parallel structured operations on buffers become kernels";
  let description = [{
    One kernel and one launch for each, however many results it has. Threads
    stride through the iterations; where every address is aligned, with accesses
    of 16 bytes, and single elements behind them. A body may read other buffers
    (gathers) and use positions.

    Before:

    ```mlir
    linalg.generic … ins(%x, %y : memref<?xf32>, memref<?xf32>)
        outs(%y : memref<?xf32>) { … }
    ```

    After:

    ```mlir
    gpu.launch_func @kernels::@f blocks in (%blocks, %c1, %c1)
        threads in (%c256, %c1, %c1) args(%px : memref<f32>, %n : index, …)
    ```
  }];
  let options = [
    Option<"blocks", "blocks", "int64_t", "1056",
           "The most blocks of a launch">,
  ];
  let statistics = [
    Statistic<"numKernels", "num-kernels", "Kernels made">,
  ];
  let dependentDialects = ["affine::AffineDialect", "arith::ArithDialect",
                           "gpu::GPUDialect", "memref::MemRefDialect",
                           "scf::SCFDialect", "vector::VectorDialect"];
}

def SymReductionKernels : Pass<"sym-reduction-kernels", "ModuleOp"> {
  let summary = "Structured operations with reductions become kernels";
  let description = [{
    Each thread accumulates elements that its number and the sizes choose, and
    a fixed tree combines them (T9): shuffles within a warp, shared memory
    between warps. Which threads share an element of the result:

    * a reduction along the innermost loop: a warp (up to 512 elements, if that
      is known), else a block;
    * along outer loops: eight threads of a block, one below the other, with a
      warp along the innermost loop;
    * of everything: up to 1024 blocks, whose results a second kernel combines;
    * whatever has no combiner that may be reassociated (several results that
      depend on each other, say): one thread in the order of the loops; and one
      thread for the operation if iterations of the parallel loops write the
      same elements.

    Before:

    ```mlir
    linalg.generic … ins(%x : memref<?x?xf32>) outs(%sums : memref<?xf32>) {
    ^bb0(%in: f32, %out: f32):
      %s = arith.addf %out, %in : f32
      linalg.yield %s : f32
    }
    ```

    After:

    ```mlir
    gpu.launch_func @kernels::@f blocks in (%rows, %c1, %c1)
        threads in (%c256, %c1, %c1) args(%px : memref<f32>, …)
    ```
  }];
  let options = [
    Option<"blocks", "blocks", "int64_t", "1056",
           "The most blocks of a launch">,
  ];
  let statistics = [
    Statistic<"numKernels", "num-kernels", "Operations made kernels">,
    Statistic<"numSerial", "num-serial",
              "Of them, those that accumulate in one thread">,
  ];
  let dependentDialects = ["affine::AffineDialect", "arith::ArithDialect",
                           "gpu::GPUDialect", "memref::MemRefDialect",
                           "scf::SCFDialect", "vector::VectorDialect"];
}

def SymTransposeKernels : Pass<"sym-transpose-kernels", "ModuleOp"> {
  let summary = "Structured operations with transposed operands become kernels";
  let description = [{
    For parallel operations with operands that run along another loop than the
    results. A block reads a tile of 32 by 32 elements of each in the order of
    its own memory, turns it around in shared memory, and computes the body on
    it in the order of the results. Up to four operands, all of which turn the
    same way; others are read with strides.

    Before:

    ```mlir
    linalg.generic {indexing_maps = [(d0, d1) -> (d1, d0), (d0, d1) -> (d0, d1)], …}
        ins(%x : memref<?x?xf32>) outs(%y : memref<?x?xf32>) { … }
    ```

    After:

    ```mlir
    gpu.launch_func @kernels::@f blocks in (%tiles, %c1, %c1)
        threads in (%c32, %c8, %c1) args(%px : memref<f32>, …)
    ```
  }];
  let options = [
    Option<"blocks", "blocks", "int64_t", "1056",
           "The most blocks of a launch">,
  ];
  let statistics = [
    Statistic<"numKernels", "num-kernels", "Kernels made">,
  ];
  let dependentDialects = ["affine::AffineDialect", "arith::ArithDialect",
                           "gpu::GPUDialect", "memref::MemRefDialect",
                           "scf::SCFDialect", "vector::VectorDialect"];
}

def SymContractionKernels : Pass<"sym-contraction-kernels", "ModuleOp"> {
  let summary = "Products of matrices become kernels";
  let description = [{
    For sums of products of two operands along one loop, with a loop of its own
    for each operand, in any order, and batches. A block computes a tile of 32 by
    32 elements from tiles of the operands in shared memory; each element is the
    sum of one thread, in the order of the reduction (T9), which is added to what
    the result held. f32 and f64 multiply and add with one rounding.

    Before:

    ```mlir
    linalg.generic {iterator_types = ["parallel", "parallel", "reduction"], …}
        ins(%a, %b : memref<?x?xf32>, memref<?x?xf32>)
        outs(%c : memref<?x?xf32>) { … }
    ```

    After:

    ```mlir
    gpu.launch_func @kernels::@f blocks in (%tiles, %c1, %c1)
        threads in (%c32, %c8, %c1) args(%pa : memref<f32>, …)
    ```
  }];
  let options = [
    Option<"blocks", "blocks", "int64_t", "1056",
           "The most blocks of a launch">,
  ];
  let statistics = [
    Statistic<"numKernels", "num-kernels", "Kernels made">,
  ];
  let dependentDialects = ["affine::AffineDialect", "arith::ArithDialect",
                           "gpu::GPUDialect", "math::MathDialect",
                           "memref::MemRefDialect", "scf::SCFDialect",
                           "vector::VectorDialect"];
}

def SymRowKernels : Pass<"sym-row-kernels", "ModuleOp"> {
  let summary = "Dependent operations over the same rows become one kernel";
  let description = [{
    A reduction with a combiner, what it is computed from, and what is computed
    from it, as far as all of it runs over the same rows: `softmax`, a cost and
    its gradient, an initial value, sums of columns and what is updated by them.
    A thread has the same elements of a row in every operation. Values pass from
    one to the next in registers, and a buffer that nobody else reads is not
    written. Sums over all rows end in a second kernel, with the numbers that
    are computed from them.

    A row of up to 4096 elements whose length is known is kept in registers, by
    a part of a warp, a warp (from 32 accesses on) or a block; others are walked
    once for each reduction that the next one needs. Rows that are neighbours in
    memory (sums of columns) are walked eight at a time by the threads of a
    block.

    Members move down to the last one. What stands between keeps its place, so
    nothing that it reads or writes may be theirs. Buffers overlap unless
    they are different allocations, places of the arena, or arguments of a
    variant.

    Before:

    ```mlir
    linalg.generic … ins(%zero : f32) outs(%sums : memref<?xf32>) { … }
    linalg.generic … ins(%x : memref<?x10xf32>) outs(%sums : memref<?xf32>) { … }
    linalg.generic … ins(%x, %sums : memref<?x10xf32>, memref<?xf32>)
        outs(%y : memref<?x10xf32>) { … }
    ```

    After:

    ```mlir
    gpu.launch_func @kernels::@f blocks in (%blocks, %c1, %c1)
        threads in (%c256, %c1, %c1) args(%px : memref<f32>, …)
    ```
  }];
  let options = [
    Option<"blocks", "blocks", "int64_t", "1056",
           "The most blocks of a launch">,
  ];
  let statistics = [
    Statistic<"numKernels", "num-kernels", "Kernels made">,
    Statistic<"numGroups", "num-groups", "Groups of operations">,
    Statistic<"numFused", "num-fused", "Operations in them">,
  ];
  let dependentDialects = ["affine::AffineDialect", "arith::ArithDialect",
                           "gpu::GPUDialect", "memref::MemRefDialect",
                           "scf::SCFDialect", "vector::VectorDialect"];
}

def SymMergeLaunches : Pass<"sym-merge-launches", "ModuleOp"> {
  let summary = "Launches that nothing orders become one";
  let description = [{
    Launches, copies and deallocations of a block are put in the order of what
    they wait for: two wait for each other if they may touch the same memory and
    one writes it. Launches that wait for the same become one, with a kernel that
    holds the code of each: the first blocks run the first, and so on. Blocks must
    have the same number of threads; shared memory (8 KB for each) and parameters
    (`parameter-bytes`) bound what is merged. Nothing moves ahead of what stood
    before it, nor past what reads or writes the same memory on the host.

    Arguments of a function overlap, unless a `sym.entry` names it as a variant.

    Before:

    ```mlir
    gpu.launch_func @kernels::@a blocks in (%g, %c1, %c1)
        threads in (%c256, %c1, %c1) args(%x : memref<f32>)
    gpu.launch_func @kernels::@b blocks in (%h, %c1, %c1)
        threads in (%c256, %c1, %c1) args(%y : memref<f32>)
    ```

    After:

    ```mlir
    %sum = arith.addi %g, %h : index
    gpu.launch_func @kernels::@a_merged blocks in (%sum, %c1, %c1)
        threads in (%c256, %c1, %c1)
        args(%x : memref<f32>, %g : index, %y : memref<f32>, %h : index)
    ```
  }];
  let options = [
    Option<"parameterBytes", "parameter-bytes", "int64_t", "4352",
           "The most bytes of a kernel's parameters">,
  ];
  let statistics = [
    Statistic<"numMerged", "num-merged", "Launches that became part of another">,
    Statistic<"numLaunches", "num-launches", "Launches that they became">,
  ];
  let dependentDialects = ["arith::ArithDialect", "gpu::GPUDialect",
                           "scf::SCFDialect"];
}

def SymLoopKernels : Pass<"sym-loop-kernels", "ModuleOp"> {
  let summary = "Loops over single elements become kernels";
  let description = [{
    For loops that load and store elements and compute no value, such as those
    that scatter. Iterations keep their order, as duplicates of an index demand
    (T9). If a loop from 0 by 1 counts an index of every access to what is
    written, its iterations never meet, and are the threads': each runs the loops
    around it. Otherwise one thread runs everything. Loops with checks or
    allocations stay on the host.

    Before:

    ```mlir
    scf.for %i = %c0 to %n step %c1 {
      %id = memref.load %ids[%i] : memref<?xindex>
      scf.for %j = %c0 to %width step %c1 {
        %old = memref.load %table[%id, %j] : memref<?x?xf32>
        %d = memref.load %g[%i, %j] : memref<?x?xf32>
        %new = arith.addf %old, %d : f32
        memref.store %new, %table[%id, %j] : memref<?x?xf32>
      }
    }
    ```

    After:

    ```mlir
    gpu.launch_func @kernels::@f blocks in (%blocks, %c1, %c1)
        threads in (%c256, %c1, %c1) args(%pids : memref<index>, %n : index, …)
    ```
  }];
  let options = [
    Option<"blocks", "blocks", "int64_t", "1056",
           "The most blocks of a launch">,
  ];
  let statistics = [
    Statistic<"numKernels", "num-kernels", "Kernels made">,
    Statistic<"numSerial", "num-serial", "Of them, those of one thread">,
  ];
  let dependentDialects = ["affine::AffineDialect", "arith::ArithDialect",
                           "gpu::GPUDialect", "memref::MemRefDialect",
                           "scf::SCFDialect"];
}

def SymCompileKernels : Pass<"sym-compile-kernels", "ModuleOp"> {
  let summary = "Kernels become images for devices";
  let description = [{
    Lowers each `gpu.module` and compiles it for every one of `chips`: a cubin for
    an architecture, a text for `ptx`, a shared object of this machine for `sim`.
    The first object names the kernels and their parameters; a kernel's position
    in that table is its number in the program.

    Before:

    ```mlir
    gpu.module @kernels {
      gpu.func @f(%p: memref<f32>, %n: index) kernel { … }
    }
    ```

    After:

    ```mlir
    gpu.binary @kernels [#gpu.object<#nvvm.target<O = 3, chip = "sm_90">,
        kernels = <[#gpu.kernel_metadata<"f", !llvm.func<void (ptr, i64)>>]>, bin = "…">]
    ```
  }];
  let options = [
    Option<"chips", "chips", "std::string", "\"sm_80,sm_90,ptx\"",
           "Architectures, 'ptx' and 'sim', with commas between">,
    Option<"cudaToolkit", "cuda-toolkit", "std::string", "",
           "The CUDA toolkit; empty: the one found when sym was built">,
    Option<"checkAccesses", "check-accesses", "bool", "true",
           "Let the simulated driver check every access to memory">,
  ];
  let statistics = [
    Statistic<"numImages", "num-images", "Images made">,
  ];
  let dependentDialects = ["affine::AffineDialect", "cf::ControlFlowDialect",
                           "gpu::GPUDialect", "index::IndexDialect",
                           "LLVM::LLVMDialect", "memref::MemRefDialect",
                           "NVVM::NVVMDialect"];
}

def SymInsertTransfers : InterfacePass<"sym-insert-transfers", "FunctionOpInterface"> {
  let summary = "What no kernel computes, the host does on copies";
  let description = [{
    A structured operation with operands on a device, but with elements or a
    body that kernels do not know, gets copies of its operands on the host.

    Before:

    ```mlir
    linalg.generic … outs(%z : memref<4xcomplex<f32>, #sym.space<cuda>>) { … }
    ```

    After:

    ```mlir
    %h = memref.alloc() : memref<4xcomplex<f32>>
    memref.copy %z, %h : memref<4xcomplex<f32>, #sym.space<cuda>> to memref<4xcomplex<f32>>
    linalg.generic … outs(%h : memref<4xcomplex<f32>>) { … }
    memref.copy %h, %z : memref<4xcomplex<f32>> to memref<4xcomplex<f32>, #sym.space<cuda>>
    memref.dealloc %h : memref<4xcomplex<f32>>
    ```
  }];
  let statistics = [
    Statistic<"numOnHost", "on-host", "Operations left to the host">,
    Statistic<"numCopies", "copies", "Copies between the host and a device">,
  ];
  let dependentDialects = ["affine::AffineDialect", "arith::ArithDialect",
                           "memref::MemRefDialect", "scf::SCFDialect"];
}

#endif // SYM_CODEGEN_DEVICE_PASSES_TD
