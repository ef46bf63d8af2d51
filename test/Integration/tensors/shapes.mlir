// Pad, concatenate, collapse, expand, transpose, broadcast.
// RUN: sym-runner %s | FileCheck %s

sym.func @f(%x: tensor<2x3xi64>) -> (tensor<3x5xi64>, tensor<4x3xi64>, tensor<6xi64>, tensor<3x2xi64>, tensor<2x2x3xi64>) {
  %seven = arith.constant 7 : i64
  %pad = tensor.pad %x low[0, 1] high[1, 1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %seven : i64
  } : tensor<2x3xi64> to tensor<3x5xi64>
  %twice = tensor.concat dim(0) %x, %x : (tensor<2x3xi64>, tensor<2x3xi64>) -> tensor<4x3xi64>
  %flat = tensor.collapse_shape %x [[0, 1]] : tensor<2x3xi64> into tensor<6xi64>
  %other = tensor.expand_shape %flat [[0, 1]] output_shape [3, 2] : tensor<6xi64> into tensor<3x2xi64>
  %empty = tensor.empty() : tensor<2x2x3xi64>
  %wide = linalg.broadcast ins(%x : tensor<2x3xi64>) outs(%empty : tensor<2x2x3xi64>) dimensions = [1]
  sym.return %pad, %twice, %flat, %other, %wide
      : tensor<3x5xi64>, tensor<4x3xi64>, tensor<6xi64>, tensor<3x2xi64>, tensor<2x2x3xi64>
}
func.func @main() {
  %x = arith.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi64>
  %a, %b, %c, %d, %e = sym.call @f(%x) : (tensor<2x3xi64>)
      -> (tensor<3x5xi64>, tensor<4x3xi64>, tensor<6xi64>, tensor<3x2xi64>, tensor<2x2x3xi64>)
  // CHECK: {{\[\[}}7 1 2 3 7]
  // CHECK-NEXT: [7 4 5 6 7]
  // CHECK-NEXT: [7 7 7 7 7]]
  sym.print %a : tensor<3x5xi64>
  // CHECK-NEXT: {{\[\[}}1 2 3]
  // CHECK-NEXT: [4 5 6]
  // CHECK-NEXT: [1 2 3]
  // CHECK-NEXT: [4 5 6]]
  sym.print %b : tensor<4x3xi64>
  // CHECK-NEXT: [1 2 3 4 5 6]
  sym.print %c : tensor<6xi64>
  // CHECK-NEXT: {{\[\[}}1 2]
  // CHECK-NEXT: [3 4]
  // CHECK-NEXT: [5 6]]
  sym.print %d : tensor<3x2xi64>
  // CHECK-NEXT: {{\[\[\[}}1 2 3]
  // CHECK-NEXT: [1 2 3]]
  // CHECK-EMPTY:
  // CHECK-NEXT: {{\[\[}}4 5 6]
  // CHECK-NEXT: [4 5 6]]]
  sym.print %e : tensor<2x2x3xi64>
  return
}
