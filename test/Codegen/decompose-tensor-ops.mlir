// Tensor and named structured operations take the few forms that later stages
// know.
// RUN: sym-opt %s --sym-decompose-tensor-ops | FileCheck %s

// CHECK-LABEL: func.func @splat
// CHECK: linalg.fill
// CHECK-NOT: tensor.splat
func.func @splat(%x: f32, %n: index) -> tensor<?xf32> {
  %0 = tensor.splat %x[%n] : tensor<?xf32>
  return %0 : tensor<?xf32>
}

// CHECK-LABEL: func.func @generate
// CHECK: linalg.generic
// CHECK: linalg.index 0
func.func @generate(%n: index) -> tensor<?xindex> {
  %0 = tensor.generate %n {
  ^bb0(%i: index):
    tensor.yield %i : index
  } : tensor<?xindex>
  return %0 : tensor<?xindex>
}

// CHECK-LABEL: func.func @gather
// CHECK-SAME: (%[[SRC:.*]]: tensor<3x4x5xf32>, %[[IDX:.*]]: tensor<6x7x1xi32>)
// CHECK: linalg.generic
// CHECK: %[[I:.*]] = linalg.index 0
// CHECK: %[[J:.*]] = linalg.index 1
// CHECK: %[[A:.*]] = linalg.index 2
// CHECK: %[[B:.*]] = linalg.index 3
// CHECK: %[[AT:.*]] = tensor.extract %[[IDX]][%[[I]], %[[J]], %{{.*}}]
// CHECK: %[[C:.*]] = arith.index_cast %[[AT]]
// CHECK: tensor.extract %[[SRC]][%[[A]], %[[C]], %[[B]]]
func.func @gather(%source: tensor<3x4x5xf32>, %indices: tensor<6x7x1xi32>) -> tensor<6x7x3x5xf32> {
  %0 = tensor.gather %source[%indices] gather_dims([1])
      : (tensor<3x4x5xf32>, tensor<6x7x1xi32>) -> tensor<6x7x3x5xf32>
  return %0 : tensor<6x7x3x5xf32>
}

// CHECK-LABEL: func.func @scatter
// CHECK-COUNT-3: scf.for
// CHECK: tensor.insert
func.func @scatter(%source: tensor<6x1x5xf32>, %dest: tensor<4x5xf32>, %indices: tensor<6x1xindex>) -> tensor<4x5xf32> {
  %0 = tensor.scatter %source into %dest[%indices] scatter_dims([0]) unique
      : (tensor<6x1x5xf32>, tensor<4x5xf32>, tensor<6x1xindex>) -> tensor<4x5xf32>
  return %0 : tensor<4x5xf32>
}

// CHECK-LABEL: func.func @pad
// CHECK: linalg.fill
// CHECK: tensor.insert_slice
func.func @pad(%x: tensor<?xf32>, %p: f32) -> tensor<?xf32> {
  %0 = tensor.pad %x low[1] high[2] {
  ^bb0(%i: index):
    tensor.yield %p : f32
  } : tensor<?xf32> to tensor<?xf32>
  return %0 : tensor<?xf32>
}

// CHECK-LABEL: func.func @concat
// CHECK-COUNT-2: tensor.insert_slice
func.func @concat(%a: tensor<?x4xf32>, %b: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = tensor.concat dim(0) %a, %b : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @softmax
// CHECK-NOT: linalg.softmax
// CHECK: math.exp
func.func @softmax(%x: tensor<2x8xf32>) -> tensor<2x8xf32> {
  %e = tensor.empty() : tensor<2x8xf32>
  %0 = linalg.softmax dimension(1) ins(%x : tensor<2x8xf32>) outs(%e : tensor<2x8xf32>) -> tensor<2x8xf32>
  return %0 : tensor<2x8xf32>
}

// Named operations become generic ones.
// CHECK-LABEL: func.func @named
// CHECK: linalg.generic
// CHECK: arith.mulf
// CHECK: linalg.generic
// CHECK: math.exp
func.func @named(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>, %c: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %0 = linalg.matmul ins(%a, %b : tensor<2x3xf32>, tensor<3x4xf32>) outs(%c : tensor<2x4xf32>) -> tensor<2x4xf32>
  %1 = linalg.exp ins(%0 : tensor<2x4xf32>) outs(%c : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %1 : tensor<2x4xf32>
}

// Stays: it has no meaning on integers, which the verifier accepts.
// CHECK-LABEL: func.func @integer_softmax
// CHECK: linalg.softmax
func.func @integer_softmax(%x: tensor<?x4xi32>, %y: tensor<?x4xi32>) -> tensor<?x4xi32> {
  %0 = linalg.softmax dimension(1) ins(%x : tensor<?x4xi32>) outs(%y : tensor<?x4xi32>) -> tensor<?x4xi32>
  return %0 : tensor<?x4xi32>
}
