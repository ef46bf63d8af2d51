// Arrays without elements: arithmetic, sums, products of matrices, and growing out of nothing.
// RUN: sym-runner %s | FileCheck %s

sym.shared @log : tensor<?xf32> = dense<> : tensor<0xf32>
sym.func @sum() -> (tensor<f32>, tensor<f32>) {
  %s = sym.read @log : tensor<?xf32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %least = arith.constant dense<0xFF800000> : tensor<f32>
  %sum = linalg.reduce { arith.addf } ins(%s : tensor<?xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %max = linalg.reduce { arith.maximumf } ins(%s : tensor<?xf32>) outs(%least : tensor<f32>) dimensions = [0]
  sym.return %sum, %max : tensor<f32>, tensor<f32>
}
sym.func @double() -> tensor<?xf32> {
  %s = sym.read @log : tensor<?xf32>
  %d = arith.addf %s, %s : tensor<?xf32>
  sym.return %d : tensor<?xf32> updates(@log = %d : tensor<?xf32>)
}
// A product over nothing is zero everywhere.
sym.func @product(%a: tensor<2x?xf32>, %b: tensor<?x2xf32>) -> tensor<2x2xf32> {
  %zero = arith.constant dense<0.0> : tensor<2x2xf32>
  %c = linalg.matmul ins(%a, %b : tensor<2x?xf32>, tensor<?x2xf32>) outs(%zero : tensor<2x2xf32>) -> tensor<2x2xf32>
  sym.return %c : tensor<2x2xf32>
}
func.func @main() {
  %s, %m = sym.call @sum() : () -> (tensor<f32>, tensor<f32>)
  // CHECK: sum 0.0
  sym.print "sum " %s : tensor<f32>
  // CHECK: max -inf
  sym.print "max " %m : tensor<f32>
  %d = sym.call @double() : () -> tensor<?xf32>
  // CHECK: double []
  sym.print "double " %d : tensor<?xf32>
  %a0 = tensor.empty() : tensor<2x0xf32>
  %a = tensor.cast %a0 : tensor<2x0xf32> to tensor<2x?xf32>
  %b0 = tensor.empty() : tensor<0x2xf32>
  %b = tensor.cast %b0 : tensor<0x2xf32> to tensor<?x2xf32>
  %c = sym.call @product(%a, %b) : (tensor<2x?xf32>, tensor<?x2xf32>) -> tensor<2x2xf32>
  // CHECK: {{\[\[}}0. 0.]
  // CHECK-NEXT: [0. 0.]]
  sym.print %c : tensor<2x2xf32>
  return
}
