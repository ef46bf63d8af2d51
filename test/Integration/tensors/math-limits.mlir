// Elementary functions at infinities and NaN.
// RUN: sym-runner %s | FileCheck %s

sym.func @f(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %e = math.exp %x : tensor<4xf32>
  %l = math.log %x : tensor<4xf32>
  %t = math.tanh %x : tensor<4xf32>
  sym.return %e, %l, %t : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}
func.func @main() {
  %x = arith.constant dense<[0x7F800000, 0xFF800000, 0x7FC00000, 0.0]> : tensor<4xf32>
  %a, %b, %c = sym.call @f(%x) : (tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>)
  // CHECK: [inf 0. nan 1.]
  sym.print %a : tensor<4xf32>
  // CHECK: [ inf nan nan -inf]
  sym.print %b : tensor<4xf32>
  // CHECK: [ 1. -1. nan 0.]
  sym.print %c : tensor<4xf32>
  return
}
