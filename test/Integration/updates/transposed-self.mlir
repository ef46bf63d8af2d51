// A square matrix becomes its transpose, and its product with itself.
// RUN: sym-runner %s | FileCheck %s

sym.shared @s : tensor<2x2xf32> = dense<[[1.0, 2.0], [3.0, 4.0]]>
sym.func @transpose() {
  %s = sym.read @s : tensor<2x2xf32>
  %empty = tensor.empty() : tensor<2x2xf32>
  %t = linalg.transpose ins(%s : tensor<2x2xf32>) outs(%empty : tensor<2x2xf32>) permutation = [1, 0]
  sym.return updates(@s = %t : tensor<2x2xf32>)
}
sym.func @square() {
  %s = sym.read @s : tensor<2x2xf32>
  %zero = arith.constant dense<0.0> : tensor<2x2xf32>
  %p = linalg.matmul ins(%s, %s : tensor<2x2xf32>, tensor<2x2xf32>) outs(%zero : tensor<2x2xf32>) -> tensor<2x2xf32>
  sym.return updates(@s = %p : tensor<2x2xf32>)
}
func.func @main() {
  sym.call @transpose() : () -> ()
  %a = sym.get_value @s : tensor<2x2xf32>
  // CHECK: {{\[\[}}1. 3.]
  // CHECK-NEXT: [2. 4.]]
  sym.print %a : tensor<2x2xf32>
  sym.call @square() : () -> ()
  %b = sym.get_value @s : tensor<2x2xf32>
  // CHECK: {{\[\[}} 7. 15.]
  // CHECK-NEXT: [10. 22.]]
  sym.print %b : tensor<2x2xf32>
  return
}
