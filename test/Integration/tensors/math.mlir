// Elementary functions at points where their values are known.
// RUN: sym-runner %s | FileCheck %s

sym.func @f(%x: tensor<3xf64>) -> (tensor<3xf64>, tensor<3xf64>, tensor<3xf64>, tensor<3xf64>, tensor<3xf64>) {
  %e = math.exp %x : tensor<3xf64>
  %l = math.log %e : tensor<3xf64>
  %t = math.tanh %x : tensor<3xf64>
  %q = arith.mulf %x, %x : tensor<3xf64>
  %r = math.sqrt %q : tensor<3xf64>
  %s = math.sin %x : tensor<3xf64>
  sym.return %e, %l, %t, %r, %s : tensor<3xf64>, tensor<3xf64>, tensor<3xf64>, tensor<3xf64>, tensor<3xf64>
}
func.func @main() {
  %x = arith.constant dense<[0.0, 1.0, -2.0]> : tensor<3xf64>
  %a, %b, %c, %d, %e = sym.call @f(%x) : (tensor<3xf64>)
      -> (tensor<3xf64>, tensor<3xf64>, tensor<3xf64>, tensor<3xf64>, tensor<3xf64>)
  // CHECK: [1. 2.71828183 0.13533528]
  sym.print %a : tensor<3xf64>
  // CHECK: [ 0. 1. -2.]
  sym.print %b : tensor<3xf64>
  // CHECK: [ 0. 0.76159416 -0.96402758]
  sym.print %c : tensor<3xf64>
  // CHECK: [0. 1. 2.]
  sym.print %d : tensor<3xf64>
  // CHECK: [ 0. 0.84147098 -0.90929743]
  sym.print %e : tensor<3xf64>
  return
}
