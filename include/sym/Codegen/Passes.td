//===- Passes.td - Passes of sym/Codegen ---*- tablegen -*-===//

#ifndef SYM_CODEGEN_PASSES_TD
#define SYM_CODEGEN_PASSES_TD

include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// The stage linalg
//===----------------------------------------------------------------------===//

def SymElementwiseToLinalg : Pass<"sym-elementwise-to-linalg"> {
  let summary = "Turns elementwise operations on tensors into linalg.generic";
  let description = [{
    Folds nothing meanwhile: folders of `arith` make dense constants of dynamic
    shape, which have no sizes. An `arith.select` of whole tensors by one
    condition is a branch and stays one, unless their sizes are static.

    Before:

    ```mlir
    %z = arith.xori %x, %x : tensor<?xi32>
    ```

    After:

    ```mlir
    %z = linalg.generic … ins(%x, %x : tensor<?xi32>, tensor<?xi32>)
        outs(%x : tensor<?xi32>) {
    ^bb0(%a: i32, %b: i32, %out: i32):
      %r = arith.xori %a, %b : i32
      linalg.yield %r : i32
    } -> tensor<?xi32>
    ```
  }];
  let dependentDialects = ["linalg::LinalgDialect", "scf::SCFDialect",
                           "tensor::TensorDialect"];
}

def SymLowerConvolutions : Pass<"sym-lower-convolutions", "func::FuncOp"> {
  let summary = "Large convolutions become contractions";
  let description = [{
    A convolution with several output channels is a contraction of its filter
    with the windows of its input, one behind the other in a tensor of their
    own. Those with few channels or small windows, and those that keep channels
    apart, stay loops, as does whatever is not a sum of products.

    Before:

    ```mlir
    %0 = linalg.conv_2d_nhwc_hwcf
        ins(%x, %f : tensor<?x28x28x8xf32>, tensor<5x5x8x16xf32>)
        outs(%y : tensor<?x24x24x16xf32>)
    ```

    After:

    ```mlir
    // %columns[n, y, x, i, j, c] = %x[n, y + i, x + j, c]
    %columns = linalg.generic … ins(%x) outs(%e : tensor<?x24x24x5x5x8xf32>)
    // %0[n, y, x, o] += %columns[n, y, x, i, j, c] * %f[i, j, c, o]
    %0 = linalg.generic … ins(%columns, %f) outs(%y)
    ```
  }];
  let options = [
    Option<"minChannels", "min-channels", "int64_t", "4",
           "The fewest output channels worth it">,
    Option<"minWindow", "min-window", "int64_t", "8",
           "The fewest products in a sum worth it">,
  ];
  let statistics = [
    Statistic<"numLowered", "num-lowered", "Convolutions made contractions">,
  ];
  let dependentDialects = ["affine::AffineDialect", "arith::ArithDialect",
                           "linalg::LinalgDialect", "tensor::TensorDialect"];
}

def SymDecomposeTensorOps : Pass<"sym-decompose-tensor-ops", "func::FuncOp"> {
  let summary = "Turn tensor and named structured operations into few forms";
  let description = [{
    `tensor.splat` becomes a fill; `generate` and `gather` become generic
    operations, `scatter` a loop nest of insertions, `pad` and `concat` become
    slices of one tensor; softmax, pack and unpack are decomposed; named
    structured operations become generic ones, except `linalg.fill`
    (`sym-normalize-contractions` gives contractions their names).

    Before:

    ```mlir
    %0 = tensor.splat %x[%n] : tensor<?xf32>
    %1 = linalg.exp ins(%a : tensor<?xf32>) outs(%0 : tensor<?xf32>) -> tensor<?xf32>
    ```

    After:

    ```mlir
    %e = tensor.empty(%n) : tensor<?xf32>
    %0 = linalg.fill ins(%x : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
    %1 = linalg.generic … ins(%a) outs(%0) { … math.exp … }
    ```
  }];
  let dependentDialects = ["affine::AffineDialect", "arith::ArithDialect",
                           "linalg::LinalgDialect", "math::MathDialect",
                           "scf::SCFDialect", "tensor::TensorDialect"];
}

def SymNormalizeContractions
    : Pass<"sym-normalize-contractions", "func::FuncOp"> {
  let summary = "Write contractions as named operations";
  let description = [{
    A generic operation that sums products of its two operands, all of one
    element type, becomes one of

    * `linalg.matmul`: the result row-major, operands as they are or transposed
      by their indexing maps;
    * `linalg.batch_matmul`: likewise, the batch leading; an operand without the
      batch is used for each;
    * `linalg.matvec`, `linalg.vecmat`, `linalg.dot`.

    Transpositions and broadcasts of operands and transpositions of the result
    go into the maps. Several loops of one kind become one by collapsing the
    operands, which costs nothing on contiguous buffers. What fits none of these
    stays generic.

    Before:

    ```mlir
    %0 = linalg.generic {
        indexing_maps = [affine_map<(i, j, k) -> (k, i)>,
                         affine_map<(i, j, k) -> (j, k)>,
                         affine_map<(i, j, k) -> (i, j)>],
        iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%a, %b) outs(%c) { … arith.mulf … arith.addf … }
    ```

    After:

    ```mlir
    %0 = linalg.matmul indexing_maps = [
        affine_map<(i, j, k) -> (k, i)>, affine_map<(i, j, k) -> (j, k)>,
        affine_map<(i, j, k) -> (i, j)>] ins(%a, %b) outs(%c)
    ```
  }];
  let dependentDialects = ["affine::AffineDialect", "arith::ArithDialect",
                           "linalg::LinalgDialect", "tensor::TensorDialect"];
}

def SymFuseElementwise : Pass<"sym-fuse-elementwise", "func::FuncOp"> {
  let summary = "Fuse elementwise operations into few loop nests";
  let description = [{
    A producer is fused into its consumer; if others use it too, what they need
    becomes a further result of the fused operation, provided that nothing in
    between depends on it. Siblings that read one tensor in the same order are
    merged. A producer that only moves data, or that costs no more than
    `max-repeated-cost` and reads one stream, may be computed again. Nothing is
    fused into a contraction, and an elementwise producer enters a reduction
    only where each of its elements is used once.

    The operations keep their order in every element, so the bits stay (T9).

    Before:

    ```mlir
    %m1 = linalg.generic … ins(%m, %g) outs(%e) { … }
    %p1 = linalg.generic … ins(%p, %m1) outs(%e) { … }
    return %m1, %p1
    ```

    After:

    ```mlir
    %r:2 = linalg.generic … ins(%m, %g, %p) outs(%e, %e) { … }
    return %r#0, %r#1
    ```
  }];
  let options = [
    Option<"maxOperands", "max-operands", "unsigned", "20",
           "The most operands that a fused operation may have">,
    Option<"maxResults", "max-results", "unsigned", "8",
           "The most results that a fused operation may have">,
    Option<"maxRepeatedCost", "max-repeated-cost", "unsigned", "2",
           "The most additions that may be repeated rather than stored">,
  ];
  let statistics = [
    Statistic<"numConsumed", "num-consumed",
              "Producers fused into their only consumer">,
    Statistic<"numPreserved", "num-preserved",
              "Producers fused whose results others still use">,
    Statistic<"numDuplicated", "num-duplicated",
              "Producers computed again in a consumer">,
    Statistic<"numMerged", "num-merged", "Siblings merged">,
    Statistic<"numGenerics", "num-generics", "Generic operations that remain">,
  ];
  let dependentDialects = ["affine::AffineDialect", "linalg::LinalgDialect",
                           "tensor::TensorDialect"];
}

def SymSelectsToBranches : Pass<"sym-selects-to-branches", "func::FuncOp"> {
  let summary = "Turn a select of whole tensors into a branch";
  let description = [{
    Canonicalization makes selects of branches that only yield. For tensors a
    branch is better: it moves a buffer, where a select would copy elements.

    Before:

    ```mlir
    %r = arith.select %c, %a, %b : tensor<?xf32>
    ```

    After:

    ```mlir
    %r = scf.if %c -> (tensor<?xf32>) {
      scf.yield %a : tensor<?xf32>
    } else {
      scf.yield %b : tensor<?xf32>
    }
    ```
  }];
  let statistics = [
    Statistic<"numBranches", "num-branches", "Selects made branches">,
  ];
  let dependentDialects = ["scf::SCFDialect"];
}

def SymIsolateDestinations : Pass<"sym-isolate-destinations", "func::FuncOp"> {
  let summary = "Give every operation a destination of its own";
  let description = [{
    An empty tensor or a fill that several operations name as their destination
    is repeated for each, directly before it; a splat constant that one names
    becomes a fill. A destination whose elements are not read becomes an empty
    tensor.

    Runs last, since eliminating common subexpressions undoes it.

    Before:

    ```mlir
    %f = linalg.fill ins(%zero) outs(%e)
    %0 = linalg.matmul ins(%a, %b) outs(%f)
    %1 = linalg.matmul ins(%c, %d) outs(%f)
    ```

    After:

    ```mlir
    %e0 = tensor.empty(…)
    %f0 = linalg.fill ins(%zero) outs(%e0)
    %0 = linalg.matmul ins(%a, %b) outs(%f0)
    %e1 = tensor.empty(…)
    %f1 = linalg.fill ins(%zero) outs(%e1)
    %1 = linalg.matmul ins(%c, %d) outs(%f1)
    ```
  }];
  let statistics = [
    Statistic<"numIsolated", "num-isolated", "Destinations made">,
  ];
  let dependentDialects = ["arith::ArithDialect", "complex::ComplexDialect",
                           "linalg::LinalgDialect", "tensor::TensorDialect"];
}

def SymOrderReaders : Pass<"sym-order-readers", "ModuleOp"> {
  let summary = "Read old values before the operation that replaces them";
  let description = [{
    Reorders the body of each `sym.entry`, and the bodies of loops in it:

    * checks first, in their order, each behind what it depends on (T4);
    * then the rest in its order, except that the operation that computes a new
      value of a variable (or of a tensor that a loop carries) stands behind
      every operation that reads the old one, where their dependences allow it,
      and as early as that.

    What stood behind a check stays behind it.

    Before:

    ```mlir
    %n = linalg.generic … ins(%s, %x) …  // the new value of %s
    %y = linalg.matvec ins(%w, %s) …
    return %y, %n
    ```

    After:

    ```mlir
    %y = linalg.matvec ins(%w, %s) …
    %n = linalg.generic … ins(%s, %x) …
    return %y, %n
    ```
  }];
  let statistics = [
    Statistic<"numReordered", "num-reordered", "Blocks whose order changed">,
  ];
}

//===----------------------------------------------------------------------===//
// The stage host: structured operations to loops, vectors and calls
//===----------------------------------------------------------------------===//

def SymLowerContractions : Pass<"sym-lower-contractions", "::mlir::ModuleOp"> {
  let summary = "Matrix products become CBLAS calls or vector code";
  let description = [{
    Takes every contraction of f32 or f64 with one reduction: `linalg.matmul`,
    `batch_matmul`, `vecmat`, `contract` and generic operations, with operands
    transposed in any way and strided views, as long as the last dimension in
    memory is contiguous. Large ones become calls of CBLAS on tiles of C that
    OpenMP runs; the others become register tiles. Sizes known only at run time
    are compared there. A zero fill just before becomes part of the product.
    Other contractions (and products of a matrix with a vector, which are
    reductions along rows) are left to `sym-vectorize`.

    ```mlir
    linalg.fill ins(%zero : f32) outs(%c : memref<1024x1024xf32>)
    linalg.matmul ins(%a, %b : memref<1024x1024xf32>, memref<1024x1024xf32>)
                  outs(%c : memref<1024x1024xf32>)
    ```
    becomes
    ```mlir
    scf.parallel (%i, %j) = (%c0, %c0) to (%c4, %c1) step (%c1, %c1) {
      llvm.call @cblas_sgemm(…) // 256 rows
    }
    ```
  }];
  let options = [
    Option<"cpu", "cpu", "std::string", "\"native\"",
           "Target CPU; 'native' is the machine that compiles">,
    Option<"blas", "blas", "bool", "true", "Call CBLAS for large products">,
    Option<"parallel", "parallel", "bool", "true",
           "Run tiles on several threads">,
    Option<"work", "work", "int64_t", "1 << 19",
           "Simple operations that are worth threads">,
  ];
  let statistics = [
    Statistic<"numCalls", "calls", "Library calls">,
    Statistic<"numKernels", "kernels", "Products in vector registers">,
  ];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"];
}

def SymArrangeLoops : Pass<"sym-arrange-loops", "::mlir::func::FuncOp"> {
  let summary = "Choose the order of loops, and make one of several";
  let description = [{
    Makes the loop innermost along which most operands are contiguous, and one
    loop of those that walk contiguous operands as one would.

    ```mlir
    linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]}
        ins(%a : memref<4x8xf32>) outs(%b : memref<4x8xf32>) …
    ```
    becomes
    ```mlir
    %1 = memref.collapse_shape %a [[0, 1]] : memref<4x8xf32> into memref<32xf32>
    %2 = memref.collapse_shape %b [[0, 1]] : memref<4x8xf32> into memref<32xf32>
    linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
        ins(%1 : memref<32xf32>) outs(%2 : memref<32xf32>) …
    ```
  }];
  let statistics = [
    Statistic<"numExchanged", "exchanged", "Operations with exchanged loops">,
    Statistic<"numCollapsed", "collapsed", "Operations with fewer loops">,
  ];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::memref::MemRefDialect"];
}

def SymParallelize : Pass<"sym-parallelize", "::mlir::func::FuncOp"> {
  let summary = "Cut large loops into pieces that threads run";
  let description = [{
    Each structured operation that is large (at run time, where its sizes are
    dynamic) is cut along a parallel loop, or along its reduction if everything
    goes into scalars; then each piece has an accumulator of its own, and these
    are combined in order. Pieces depend on the sizes alone, never on the number
    of threads (T9). Small work takes no detour.

    ```mlir
    linalg.generic … ins(%a : memref<?xf32>) outs(%b : memref<?xf32>)
    ```
    becomes
    ```mlir
    %large = arith.cmpi sge, %work, %c524288 : index
    scf.if %large {
      scf.parallel (%i) = (%c0) to (%pieces) step (%c1) {
        linalg.generic … ins(%part_of_a) outs(%part_of_b)
      }
    } else {
      linalg.generic … ins(%a : memref<?xf32>) outs(%b : memref<?xf32>)
    }
    ```
  }];
  let options = [
    Option<"threads", "threads", "bool", "true",
           "Run pieces in parallel; without, only reductions are cut">,
    Option<"work", "work", "int64_t", "1 << 19",
           "Simple operations that are worth threads; 1 cuts everything, as "
           "finely as can be">,
  ];
  let statistics = [
    Statistic<"numCut", "cut", "Operations that were cut">,
  ];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect"];
}

def SymLowerTransposes : Pass<"sym-lower-transposes", "::mlir::func::FuncOp"> {
  let summary = "Elementwise operations with transposed operands go by blocks";
  let description = [{
    Where one operand of an elementwise operation of 32 or 64 bits is contiguous
    along another loop than the outputs are, a square block is loaded by
    registers, turned in them, and stored, in tiles that fit into the first
    cache. What makes no whole block stays a structured operation.

    ```mlir
    linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>,
                                     affine_map<(i, j) -> (i, j)>], …}
        ins(%a : memref<64x64xf32>) outs(%b : memref<64x64xf32>)
    ```
    becomes
    ```mlir
    scf.for … { scf.for … { scf.for %i … { scf.for %j … {
      %0 = vector.load %a[%j, %i] : memref<64x64xf32>, vector<8xf32>
      …
      %8 = vector.shuffle %0, %2 [0, 8, 1, 9, 4, 12, 5, 13] : …
      …
      vector.store %24, %b[%i, %j] : memref<64x64xf32>, vector<8xf32>
      …
    } } } }
    ```
  }];
  let options = [
    Option<"cpu", "cpu", "std::string", "\"native\"",
           "Target CPU; 'native' is the machine that compiles">,
  ];
  let statistics = [
    Statistic<"numBlocked", "blocked", "Operations that go by blocks">,
  ];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"];
}

def SymSummarizeChecks : Pass<"sym-summarize-checks", "::mlir::func::FuncOp"> {
  let summary = "Loops of checks first ask whether any check fails";
  let description = [{
    An innermost loop that only reads, computes and checks gets a loop before it
    that gathers all conditions and has no exit, so that it can run on vectors.
    The loop itself runs if one of them fails, and reports it.

    ```mlir
    scf.for %i = %c0 to %n step %c1 {
      %x = memref.load %a[%i] : memref<?xi32>
      %c = arith.cmpi ne, %x, %zero : i32
      sym.check %c, "{0} is zero" (%x : i32)
    }
    ```
    becomes
    ```mlir
    %failed = scf.for %i = %c0 to %n step %c1 iter_args(%f = %c0_i32) -> (i32) {
      %x = memref.load %a[%i] : memref<?xi32>
      %c = arith.cmpi ne, %x, %zero : i32
      %fails = arith.xori %c, %true : i1
      %bit = arith.extui %fails : i1 to i32
      %any = arith.ori %f, %bit : i32
      scf.yield %any : i32
    }
    %any = arith.cmpi ne, %failed, %c0_i32 : i32
    scf.if %any {
      scf.for … // as before
    }
    ```
  }];
  let statistics = [
    Statistic<"numSummarized", "loops", "Loops of checks that are asked first">];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect"];
}

def SymVectorize : Pass<"sym-vectorize", "::mlir::func::FuncOp"> {
  let summary = "Mathematical functions and float reductions become vector loops";
  let description = [{
    Lowers each `linalg.generic` on buffers that calls a mathematical function
    or reduces floats to loops over vectors. Others are left: LLVM's vectoriser
    does them, bit for bit.

    An elementwise operation takes a register of the target CPU per step, and
    its tail a masked one, with the same function. A reduction of f32 goes to 32
    lanes (f64: 16), what is left over to 8 (4) more, and these are combined by
    halves; this order is the same for every CPU and any number of threads (T9).
    Rows that read the same vector beside their own, as in a matrix by a vector,
    are reduced four at a time, each in 8 (4) lanes.

    ```mlir
    linalg.generic {indexing_maps = [#id, #scalar], iterator_types = ["reduction"]}
        ins(%x : memref<64xf32>) outs(%sum : memref<f32>) {
    ^bb0(%a: f32, %s: f32):
      %n = arith.addf %s, %a : f32
      linalg.yield %n : f32
    }
    ```
    becomes
    ```mlir
    %lanes = scf.for %i = %c0 to %c64 step %c32 iter_args(%s = %zero) -> (vector<32xf32>) {
      %a = vector.load %x[%i] : memref<64xf32>, vector<32xf32>
      %n = arith.addf %s, %a : vector<32xf32>
      scf.yield %n : vector<32xf32>
    }
    // then shuffles and additions of 16, 8, 4, 2 and 1 lanes
    ```
  }];
  let options = [
    Option<"cpu", "cpu", "std::string", "\"native\"",
           "Target CPU; 'native' is the machine that compiles">,
  ];
  let statistics = [
    Statistic<"numElementwise", "elementwise", "Elementwise operations">,
    Statistic<"numReductions", "reductions", "Reductions kept in lanes">,
  ];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"];
}

def SymVectorMath : Pass<"sym-vector-math", "::mlir::ModuleOp"> {
  let summary = "Mathematical functions become calls of libmvec or libm";
  let description = [{
    Calls the vector versions of glibc's libmvec for the CPU's registers. A
    vector is cut into registers, a scalar takes a whole one: a value does not
    depend on where it stands (T9). f16 and bf16 are computed in f32. Integer
    powers become loops. Operations with instructions or LLVM intrinsics
    (`sqrt`, `floor`, `fma`, …) stay.

    ```mlir
    %e = math.exp %v : vector<8xf32>
    ```
    becomes, with AVX2,
    ```mlir
    llvm.func @_ZGVdN8v_expf(vector<8xf32>) -> vector<8xf32>
    %e = llvm.call @_ZGVdN8v_expf(%v) : (vector<8xf32>) -> vector<8xf32>
    ```
  }];
  let options = [
    Option<"cpu", "cpu", "std::string", "\"native\"",
           "Target CPU; 'native' is the machine that compiles">,
    Option<"math", "math", "std::string", "\"libmvec\"",
           "'libmvec' for vector functions, 'libm' for scalar ones">,
  ];
  let statistics = [
    Statistic<"numFunctions", "functions", "Functions that became calls">,
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"];
}

def SymWidenBFloats : Pass<"sym-widen-bfloats", "::mlir::func::FuncOp"> {
  let summary = "Arithmetic on bf16 in terms of f32";
  let description = [{
    Each operation on bf16, scalar or vector, is computed in f32 and rounded.
    What remains are conversions between bf16 and f32. Integers and f64 are
    rounded once: on the way they keep a bit for the digits that are lost.

    ```mlir
    %c = arith.addf %a, %b : bf16
    ```
    becomes
    ```mlir
    %x = arith.extf %a : bf16 to f32
    %y = arith.extf %b : bf16 to f32
    %z = arith.addf %x, %y : f32
    %c = arith.truncf %z : f32 to bf16
    ```
  }];
  let statistics = [
    Statistic<"numWidened", "operations", "Operations computed in f32">];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect"];
}

def SymLowerVectors : Pass<"sym-lower-vectors", "::mlir::func::FuncOp"> {
  let summary = "Vector operations become those that LLVM has";
  let description = [{
    Rewrites masks, steps, shape casts and slices in terms of rank 1, constants,
    shuffles and comparisons, so that each operation has a counterpart in LLVM.

    ```mlir
    %m = vector.create_mask %n : vector<8xi1>
    ```
    becomes a comparison of `[0, 1, … 7]` with a splat of `%n`.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::vector::VectorDialect"];
}

def SymLowerCopies : Pass<"sym-lower-copies"> {
  let summary = "Turns copies of strided buffers into structured operations";
  let description = [{
    A copy between dense buffers stays, and becomes a call of memcpy.

    Before:

    ```mlir
    memref.copy %a, %b : memref<4xf32, strided<[2]>> to memref<4xf32>
    ```

    After:

    ```mlir
    linalg.generic … ins(%a) outs(%b) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    }
    ```
  }];
  let statistics = [
    Statistic<"numLoops", "loops", "Copies that became loops">];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

def SymLowerExpandShapes : Pass<"sym-lower-expand-shapes"> {
  let summary = "Turns reshapes with several dynamic sizes into casts";
  let description = [{
    Upstream's `expand-strided-metadata` infers one dynamic size of a group of
    dimensions from the source and crashes on two, although the operation has
    them all. Such a reshape becomes a cast with computed strides.

    ```mlir
    %e = memref.expand_shape %a [[0, 1], [2]] output_shape [%m, %n, 16]
        : memref<?x16xf32> into memref<?x?x16xf32>
    ```

    becomes

    ```mlir
    %base, %offset, %sizes:2, %strides:2 = memref.extract_strided_metadata %a
    %s = arith.muli %c16, %n : index
    %e = memref.reinterpret_cast %base to offset: [0], sizes: [%m, %n, 16],
        strides: [%s, 16, 1] : memref<f32> to memref<?x?x16xf32>
    ```
  }];
  let statistics = [
    Statistic<"numLowered", "reshapes", "Reshapes that became casts">];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect"];
}

def SymParallelToOpenMP : Pass<"sym-parallel-to-openmp", "::mlir::ModuleOp"> {
  let summary = "Parallel loops become OpenMP constructs";
  let description = [{
    Upstream's conversion, after which a body is no `memref.alloca_scope`, so
    that its control flow can become branches.

    ```mlir
    scf.parallel (%i) = (%c0) to (%n) step (%c1) { … }
    ```
    becomes
    ```mlir
    omp.parallel {
      omp.wsloop {
        omp.loop_nest (%i) : index = (%c0) to (%n) step (%c1) { … }
      }
    }
    ```
  }];
}

#endif // SYM_CODEGEN_PASSES_TD
