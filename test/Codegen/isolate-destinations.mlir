// Every operation has a destination of its own.
// RUN: sym-opt %s --sym-isolate-destinations | FileCheck %s

// CHECK-LABEL: func.func @fills
// CHECK: %[[E0:.*]] = tensor.empty
// CHECK: %[[F0:.*]] = linalg.fill {{.*}} outs(%[[E0]] :
// CHECK-NEXT: linalg.matmul {{.*}} outs(%[[F0]] :
// CHECK: %[[E1:.*]] = tensor.empty
// CHECK: %[[F1:.*]] = linalg.fill {{.*}} outs(%[[E1]] :
// CHECK-NEXT: linalg.matmul {{.*}} outs(%[[F1]] :
func.func @fills(%a: tensor<?x?xf32>, %n: index) -> (tensor<?x?xf32>, tensor<?x?xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty(%n, %n) : tensor<?x?xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x?xf32>) -> tensor<?x?xf32>
  %0 = linalg.matmul ins(%a, %a : tensor<?x?xf32>, tensor<?x?xf32>) outs(%f : tensor<?x?xf32>) -> tensor<?x?xf32>
  %1 = linalg.matmul ins(%0, %a : tensor<?x?xf32>, tensor<?x?xf32>) outs(%f : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %0, %1 : tensor<?x?xf32>, tensor<?x?xf32>
}

// A splat constant is filled in; a destination that is not read is empty.
// CHECK-LABEL: func.func @constant
// CHECK: %[[E0:.*]] = tensor.empty() : tensor<f32>
// CHECK: %[[F0:.*]] = linalg.fill {{.*}} outs(%[[E0]] :
// CHECK: linalg.dot {{.*}} outs(%[[F0]] :
// CHECK: %[[E1:.*]] = tensor.empty() : tensor<4xf32>
// CHECK: linalg.fill {{.*}} outs(%[[E1]] :
func.func @constant(%a: tensor<4xf32>, %x: f32) -> (tensor<f32>, tensor<4xf32>) {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %0 = linalg.dot ins(%a, %a : tensor<4xf32>, tensor<4xf32>) outs(%zero : tensor<f32>) -> tensor<f32>
  %1 = linalg.fill ins(%x : f32) outs(%a : tensor<4xf32>) -> tensor<4xf32>
  return %0, %1 : tensor<f32>, tensor<4xf32>
}

// So do loops, and insertions in them.
// CHECK-LABEL: func.func @loop
// CHECK: %[[E:.*]] = tensor.empty() : tensor<4xf32>
// CHECK: %[[F:.*]] = linalg.fill {{.*}} outs(%[[E]] :
// CHECK: scf.for {{.*}} = %[[F]])
func.func @loop(%x: f32, %n: index) -> tensor<4xf32> {
  %zero = arith.constant dense<0.0> : tensor<4xf32>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %zero) -> tensor<4xf32> {
    %0 = tensor.insert %x into %a[%c0] : tensor<4xf32>
    scf.yield %0 : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}
