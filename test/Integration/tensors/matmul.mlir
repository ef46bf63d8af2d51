// Products of matrices and vectors, with transposed operands and a sum that is added to.
// RUN: sym-runner %s | FileCheck %s

sym.func @f(%a: tensor<2x3xf64>, %b: tensor<3x2xf64>, %v: tensor<3xf64>)
    -> (tensor<2x2xf64>, tensor<3x3xf64>, tensor<2xf64>, tensor<f64>) {
  %one = arith.constant dense<1.0> : tensor<2x2xf64>
  %zero = arith.constant dense<0.0> : tensor<3x3xf64>
  %zero2 = arith.constant dense<0.0> : tensor<2xf64>
  %zero0 = arith.constant dense<0.0> : tensor<f64>
  %ab = linalg.matmul ins(%a, %b : tensor<2x3xf64>, tensor<3x2xf64>) outs(%one : tensor<2x2xf64>) -> tensor<2x2xf64>
  %aa = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
      ins(%a, %a : tensor<2x3xf64>, tensor<2x3xf64>) outs(%zero : tensor<3x3xf64>) -> tensor<3x3xf64>
  %av = linalg.matvec ins(%a, %v : tensor<2x3xf64>, tensor<3xf64>) outs(%zero2 : tensor<2xf64>) -> tensor<2xf64>
  %vv = linalg.dot ins(%v, %v : tensor<3xf64>, tensor<3xf64>) outs(%zero0 : tensor<f64>) -> tensor<f64>
  sym.return %ab, %aa, %av, %vv : tensor<2x2xf64>, tensor<3x3xf64>, tensor<2xf64>, tensor<f64>
}
func.func @main() {
  %a = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf64>
  %b = arith.constant dense<[[1.0, 0.0], [0.0, 1.0], [2.0, -1.0]]> : tensor<3x2xf64>
  %v = arith.constant dense<[1.0, -1.0, 2.0]> : tensor<3xf64>
  %ab, %aa, %av, %vv = sym.call @f(%a, %b, %v) : (tensor<2x3xf64>, tensor<3x2xf64>, tensor<3xf64>)
      -> (tensor<2x2xf64>, tensor<3x3xf64>, tensor<2xf64>, tensor<f64>)
  // CHECK: {{\[\[}} 8. 0.]
  // CHECK-NEXT: [17. 0.]]
  sym.print %ab : tensor<2x2xf64>
  // CHECK-NEXT: {{\[\[}}17. 22. 27.]
  // CHECK-NEXT: [22. 29. 36.]
  // CHECK-NEXT: [27. 36. 45.]]
  sym.print %aa : tensor<3x3xf64>
  // CHECK-NEXT: [ 5. 11.]
  sym.print %av : tensor<2xf64>
  // CHECK-NEXT: 6.0
  sym.print %vv : tensor<f64>
  return
}
