// Structured operations: sizes and accesses (T4).
// RUN: sym-opt --pass-pipeline='builtin.module(func.func(sym-insert-checks),canonicalize,cse)' %s | FileCheck %s

// CHECK-LABEL: func.func @matmul
// CHECK: kind(shape) "linalg.matmul: dimension 0 of operand 1 has size {1}, but dimension 1 of operand 0 has {0}"
// CHECK: kind(shape) "linalg.matmul: dimension 0 of operand 2 has size {1}, but dimension 0 of operand 0 has {0}"
// CHECK: kind(shape) "linalg.matmul: dimension 1 of operand 2 has size {1}, but dimension 1 of operand 1 has {0}"
// CHECK-NEXT: linalg.matmul
func.func @matmul(%a: tensor<?x?xf32>, %b: tensor<?x?xf32>, %c: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %r = linalg.matmul ins(%a, %b : tensor<?x?xf32>, tensor<?x?xf32>) outs(%c : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// A destination that is made from the sizes of the operands needs no check.
// CHECK-LABEL: func.func @made
// CHECK: kind(shape) "linalg.matmul: dimension 0 of operand 1
// CHECK-NOT: linalg.matmul: dimension
// CHECK: linalg.matmul
func.func @made(%a: tensor<?x4xf32>, %b: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %z = arith.constant 0.0 : f32
  %m = tensor.dim %a, %c0 : tensor<?x4xf32>
  %e = tensor.empty(%m) : tensor<?x8xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
  %r = linalg.matmul ins(%a, %b : tensor<?x4xf32>, tensor<?x8xf32>) outs(%f : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %r : tensor<?x8xf32>
}

// An access at an expression of loops: the greatest index, if there is any.
// CHECK-LABEL: func.func @convolution(
// CHECK-SAME: %[[X:.*]]: tensor<?xf32>, %[[K:.*]]: tensor<?xf32>, %[[O:.*]]: tensor<?xf32>)
// CHECK-DAG: %[[NX:.*]] = tensor.dim %[[X]]
// CHECK-DAG: %[[NK:.*]] = tensor.dim %[[K]]
// CHECK-DAG: %[[NO:.*]] = tensor.dim %[[O]]
// CHECK-DAG: %[[LO:.*]] = arith.subi %[[NO]], %c1
// CHECK-DAG: %[[LK:.*]] = arith.subi %[[NK]], %c1
// CHECK-DAG: %[[LAST:.*]] = arith.addi %[[LO]], %[[LK]]
// CHECK: %[[IN:.*]] = arith.cmpi slt, %[[LAST]], %[[NX]]
// CHECK: %[[OK:.*]] = arith.ori %{{.*}}, %[[IN]]
// CHECK: sym.check %[[OK]], kind(shape) "linalg.conv_1d: dimension 0 of operand 0 has size {0}, but is accessed at {1}"(%[[NX]], %[[LAST]] : index, index)
func.func @convolution(%x: tensor<?xf32>, %k: tensor<?xf32>, %o: tensor<?xf32>) -> tensor<?xf32> {
  %r = linalg.conv_1d ins(%x, %k : tensor<?xf32>, tensor<?xf32>) outs(%o : tensor<?xf32>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// CHECK-LABEL: func.func @softmax
// CHECK: kind(shape) "linalg.softmax: dimension 0 of operand 1 has size {1}, but operand 0 has {0}"
func.func @softmax(%x: tensor<?x4xf32>, %o: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %r = linalg.softmax dimension(1) ins(%x : tensor<?x4xf32>) outs(%o : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}
