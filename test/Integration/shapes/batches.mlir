// One compilation serves every size of a batch.
// RUN: sym-runner %s | FileCheck %s

sym.shared @w : tensor<3x2xf32> = dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]>
sym.func @apply(%x: tensor<?x3xf32>) -> tensor<?x2xf32> {
  %w = sym.read @w : tensor<3x2xf32>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x3xf32>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty(%n) : tensor<?x2xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x2xf32>) -> tensor<?x2xf32>
  %r = linalg.matmul ins(%x, %w : tensor<?x3xf32>, tensor<3x2xf32>) outs(%init : tensor<?x2xf32>) -> tensor<?x2xf32>
  sym.return %r : tensor<?x2xf32>
}
func.func @main() {
  %a0 = arith.constant dense<[[1.0, 0.0, -1.0]]> : tensor<1x3xf32>
  %a = tensor.cast %a0 : tensor<1x3xf32> to tensor<?x3xf32>
  %ra = sym.call @apply(%a) : (tensor<?x3xf32>) -> tensor<?x2xf32>
  // CHECK: {{\[\[}}-4. -4.]]
  sym.print %ra : tensor<?x2xf32>
  %b0 = arith.constant dense<[[1.0, 1.0, 1.0], [0.0, 2.0, 0.0], [0.5, 0.0, 0.0]]> : tensor<3x3xf32>
  %b = tensor.cast %b0 : tensor<3x3xf32> to tensor<?x3xf32>
  %rb = sym.call @apply(%b) : (tensor<?x3xf32>) -> tensor<?x2xf32>
  // CHECK-NEXT: {{\[\[}} 9. 12. ]
  // CHECK-NEXT: [ 6. 8. ]
  // CHECK-NEXT: [ 0.5 1. ]]
  sym.print %rb : tensor<?x2xf32>
  return
}
