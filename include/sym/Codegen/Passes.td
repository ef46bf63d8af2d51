//===- Passes.td - Passes of sym/Codegen ---*- tablegen -*-===//

#ifndef SYM_CODEGEN_PASSES_TD
#define SYM_CODEGEN_PASSES_TD

include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// The stage linalg
//===----------------------------------------------------------------------===//

def SymDecomposeTensorOps : Pass<"sym-decompose-tensor-ops", "func::FuncOp"> {
  let summary = "Turn tensor and named structured operations into few forms";
  let description = [{
    `tensor.splat` becomes a fill; `generate` and `gather` become generic
    operations, `scatter` a loop nest of insertions, `pad` and `concat` become
    slices of one tensor; softmax, pack and unpack are decomposed; named
    structured operations become generic ones, except `linalg.fill` and the
    contractions `matmul`, `batch_matmul`, `matvec`, `vecmat`, `dot` and
    `contract`.

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

#endif // SYM_CODEGEN_PASSES_TD
