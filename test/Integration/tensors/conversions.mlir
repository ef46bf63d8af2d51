// Conversions between widths and kinds of numbers.
// RUN: sym-runner %s | FileCheck %s

sym.func @f(%x: tensor<4xi32>, %y: tensor<4xf64>) -> (tensor<4xi8>, tensor<4xi64>, tensor<4xi64>, tensor<4xf32>, tensor<4xf32>, tensor<4xi32>) {
  %narrow = arith.trunci %x : tensor<4xi32> to tensor<4xi8>
  %signed = arith.extsi %narrow : tensor<4xi8> to tensor<4xi64>
  %unsigned = arith.extui %narrow : tensor<4xi8> to tensor<4xi64>
  %float = arith.sitofp %x : tensor<4xi32> to tensor<4xf32>
  %less = arith.truncf %y : tensor<4xf64> to tensor<4xf32>
  %whole = arith.fptosi %y : tensor<4xf64> to tensor<4xi32>
  sym.return %narrow, %signed, %unsigned, %float, %less, %whole
      : tensor<4xi8>, tensor<4xi64>, tensor<4xi64>, tensor<4xf32>, tensor<4xf32>, tensor<4xi32>
}
func.func @main() {
  %x = arith.constant dense<[200, -1, 256, 3]> : tensor<4xi32>
  %y = arith.constant dense<[2.75, -2.75, 0.1, 1000.0]> : tensor<4xf64>
  %a, %b, %c, %d, %e, %g = sym.call @f(%x, %y) : (tensor<4xi32>, tensor<4xf64>)
      -> (tensor<4xi8>, tensor<4xi64>, tensor<4xi64>, tensor<4xf32>, tensor<4xf32>, tensor<4xi32>)
  // CHECK: [-56 -1 0 3]
  sym.print %a : tensor<4xi8>
  // CHECK: [-56 -1 0 3]
  sym.print %b : tensor<4xi64>
  // CHECK: [200 255 0 3]
  sym.print %c : tensor<4xi64>
  // CHECK: [200. -1. 256. 3.]
  sym.print %d : tensor<4xf32>
  // CHECK: [ 2.75e+00 -2.75e+00 1.00e-01 1.00e+03]
  sym.print %e : tensor<4xf32>
  // CHECK: [ 2 -2 0 1000]
  sym.print %g : tensor<4xi32>
  return
}
