// Contractions become one of five named operations.
// RUN: sym-opt %s --sym-decompose-tensor-ops --sym-normalize-contractions --canonicalize | FileCheck %s

// CHECK-DAG: #[[NK:.*]] = affine_map<(d0, d1, d2) -> (d1, d2)>
// CHECK-DAG: #[[KM:.*]] = affine_map<(d0, d1, d2) -> (d2, d0)>
// CHECK-DAG: #[[MN:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-DAG: #[[BROADCAST:.*]] = affine_map<(d0, d1, d2, d3) -> (d1, d3)>

// A transposed operand.
// CHECK-LABEL: func.func @transposed
// CHECK-SAME: (%[[A:.*]]: tensor<3x2xf32>, %[[B:.*]]: tensor<4x3xf32>,
// CHECK-NOT: linalg.generic
// CHECK: linalg.matmul indexing_maps = [#[[KM]], #[[NK]], #[[MN]]] ins(%[[A]], %[[B]] :
func.func @transposed(%a: tensor<3x2xf32>, %b: tensor<4x3xf32>, %c: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %ea = tensor.empty() : tensor<2x3xf32>
  %eb = tensor.empty() : tensor<3x4xf32>
  %at = linalg.transpose ins(%a : tensor<3x2xf32>) outs(%ea : tensor<2x3xf32>) permutation = [1, 0]
  %bt = linalg.transpose ins(%b : tensor<4x3xf32>) outs(%eb : tensor<3x4xf32>) permutation = [1, 0]
  %r = linalg.matmul ins(%at, %bt : tensor<2x3xf32>, tensor<3x4xf32>) outs(%c : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %r : tensor<2x4xf32>
}

// A transposed result swaps the operands.
// CHECK-LABEL: func.func @result
// CHECK-SAME: (%[[A:.*]]: tensor<2x3xf32>, %[[B:.*]]: tensor<3x4xf32>)
// CHECK: %[[F:.*]] = linalg.fill {{.*}} -> tensor<4x2xf32>
// CHECK: linalg.matmul indexing_maps = [#[[KM]], #[[NK]], #[[MN]]] ins(%[[B]], %[[A]] : {{.*}} outs(%[[F]] :
// CHECK-NOT: linalg.generic
func.func @result(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) -> tensor<4x2xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x4xf32>
  %et = tensor.empty() : tensor<4x2xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<2x4xf32>) -> tensor<2x4xf32>
  %r = linalg.matmul ins(%a, %b : tensor<2x3xf32>, tensor<3x4xf32>) outs(%f : tensor<2x4xf32>) -> tensor<2x4xf32>
  %rt = linalg.transpose ins(%r : tensor<2x4xf32>) outs(%et : tensor<4x2xf32>) permutation = [1, 0]
  return %rt : tensor<4x2xf32>
}

#abtk = affine_map<(b, t, n, k) -> (b, t, k)>
#akn = affine_map<(b, t, n, k) -> (k, n)>
#abtn = affine_map<(b, t, n, k) -> (b, t, n)>

// Two loops over rows become one.
// CHECK-LABEL: func.func @rows
// CHECK: tensor.collapse_shape
// CHECK: linalg.matmul ins(
// CHECK: tensor.expand_shape
func.func @rows(%a: tensor<?x4x8xf32>, %b: tensor<8x16xf32>, %c: tensor<?x4x16xf32>) -> tensor<?x4x16xf32> {
  %r = linalg.contract indexing_maps = [#abtk, #akn, #abtn]
      ins(%a, %b : tensor<?x4x8xf32>, tensor<8x16xf32>) outs(%c : tensor<?x4x16xf32>) -> tensor<?x4x16xf32>
  return %r : tensor<?x4x16xf32>
}

// If both are of dynamic size, the outer one is the batch.
// CHECK-LABEL: func.func @dynamic_rows
// CHECK-NOT: tensor.expand_shape
// CHECK: linalg.batch_matmul
func.func @dynamic_rows(%a: tensor<?x?x8xf32>, %b: tensor<8x16xf32>, %c: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
  %r = linalg.contract indexing_maps = [#abtk, #akn, #abtn]
      ins(%a, %b : tensor<?x?x8xf32>, tensor<8x16xf32>) outs(%c : tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  return %r : tensor<?x?x16xf32>
}

#weights = affine_map<(n, f, x, c, k) -> (f, c, k)>
#columns = affine_map<(n, f, x, c, k) -> (n, c, k, x)>
#image = affine_map<(n, f, x, c, k) -> (n, f, x)>

// Columns on both sides of the rows: the outer ones are the batch, which the
// other operand does not have.
// CHECK-LABEL: func.func @batch
// CHECK: linalg.batch_matmul indexing_maps = [#[[BROADCAST]], {{.*}} ins({{.*}} : tensor<20x15xf32>, tensor<?x15x64xf32>)
func.func @batch(%a: tensor<20x3x5xf32>, %b: tensor<?x3x5x64xf32>, %c: tensor<?x20x64xf32>) -> tensor<?x20x64xf32> {
  %r = linalg.contract indexing_maps = [#weights, #columns, #image]
      ins(%a, %b : tensor<20x3x5xf32>, tensor<?x3x5x64xf32>) outs(%c : tensor<?x20x64xf32>) -> tensor<?x20x64xf32>
  return %r : tensor<?x20x64xf32>
}

#mat = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
#col = affine_map<(i, j) -> (j)>

// CHECK-LABEL: func.func @vectors
// CHECK-SAME: (%[[A:.*]]: tensor<?x?xi32>, %[[X:.*]]: tensor<?xi32>, %{{.*}}: tensor<?xi32>,
// CHECK: linalg.matvec ins(%[[A]], %[[X]] :
// CHECK: linalg.vecmat ins(%[[X]], %[[A]] :
// CHECK: linalg.dot
func.func @vectors(%a: tensor<?x?xi32>, %x: tensor<?xi32>, %y: tensor<?xi32>, %z: tensor<i32>) -> (tensor<?xi32>, tensor<?xi32>, tensor<i32>) {
  %0 = linalg.generic {indexing_maps = [#col, #mat, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x, %a : tensor<?xi32>, tensor<?x?xi32>) outs(%y : tensor<?xi32>) {
  ^bb0(%p: i32, %q: i32, %o: i32):
    %3 = arith.muli %p, %q : i32
    %4 = arith.addi %3, %o : i32
    linalg.yield %4 : i32
  } -> tensor<?xi32>
  %1 = linalg.generic {indexing_maps = [#mat, #row, #col], iterator_types = ["reduction", "parallel"]}
      ins(%a, %x : tensor<?x?xi32>, tensor<?xi32>) outs(%y : tensor<?xi32>) {
  ^bb0(%p: i32, %q: i32, %o: i32):
    %3 = arith.muli %p, %q : i32
    %4 = arith.addi %o, %3 : i32
    linalg.yield %4 : i32
  } -> tensor<?xi32>
  %2 = linalg.dot ins(%x, %y : tensor<?xi32>, tensor<?xi32>) outs(%z : tensor<i32>) -> tensor<i32>
  return %0, %1, %2 : tensor<?xi32>, tensor<?xi32>, tensor<i32>
}

// What differs from the named operation stays generic: mixed types, a
// difference, a row-wise product.
// CHECK-LABEL: func.func @not_named
// CHECK-NOT: linalg.m
// CHECK-NOT: linalg.dot
// CHECK-NOT: linalg.vecmat
// CHECK: return
func.func @not_named(%a: tensor<4x8xf16>, %x: tensor<8xf16>, %y: tensor<4xf32>, %b: tensor<4x8xf32>, %w: tensor<8xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %0 = linalg.matvec ins(%a, %x : tensor<4x8xf16>, tensor<8xf16>) outs(%y : tensor<4xf32>) -> tensor<4xf32>
  %1 = linalg.generic {indexing_maps = [#mat, #col, #row], iterator_types = ["parallel", "reduction"]}
      ins(%b, %w : tensor<4x8xf32>, tensor<8xf32>) outs(%y : tensor<4xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %3 = arith.subf %p, %q : f32
    %4 = arith.addf %3, %o : f32
    linalg.yield %4 : f32
  } -> tensor<4xf32>
  %2 = linalg.generic {indexing_maps = [#mat, #mat, #row], iterator_types = ["parallel", "reduction"]}
      ins(%b, %b : tensor<4x8xf32>, tensor<4x8xf32>) outs(%y : tensor<4xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %3 = arith.mulf %p, %q : f32
    %4 = arith.addf %3, %o : f32
    linalg.yield %4 : f32
  } -> tensor<4xf32>
  return %0, %1, %2 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}
