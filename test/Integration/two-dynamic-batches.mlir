// A product over two batch dimensions whose sizes are both known at run time
// only; the values are worked out by hand.
// RUN: sym-runner %s | FileCheck %s

#a = affine_map<(b, t, n, k) -> (b, t, k)>
#b = affine_map<(b, t, n, k) -> (k, n)>
#c = affine_map<(b, t, n, k) -> (b, t, n)>

sym.func @rows(%a: tensor<?x?x2xf32>, %b: tensor<2x2xf32>) -> tensor<?x?x2xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %m = tensor.dim %a, %c0 : tensor<?x?x2xf32>
  %n = tensor.dim %a, %c1 : tensor<?x?x2xf32>
  %e = tensor.empty(%m, %n) : tensor<?x?x2xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x?x2xf32>) -> tensor<?x?x2xf32>
  %r = linalg.contract indexing_maps = [#a, #b, #c]
      ins(%a, %b : tensor<?x?x2xf32>, tensor<2x2xf32>) outs(%f : tensor<?x?x2xf32>) -> tensor<?x?x2xf32>
  sym.return %r : tensor<?x?x2xf32>
}

func.func @main() {
  %b = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %a = arith.constant dense<[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]> : tensor<2x2x2xf32>
  %x = tensor.cast %a : tensor<2x2x2xf32> to tensor<?x?x2xf32>
  %r = sym.call @rows(%x, %b) : (tensor<?x?x2xf32>, tensor<2x2xf32>) -> tensor<?x?x2xf32>
  // CHECK: {{\[\[\[}}{{ *}}7.{{ *}}10.]
  // CHECK-NEXT: [15. 22.]]
  // CHECK: {{\[\[}}23. 34.]
  // CHECK-NEXT: [31. 46.]]]
  sym.print %r : tensor<?x?x2xf32>
  %none = arith.constant dense<0.0> : tensor<3x0x2xf32>
  %y = tensor.cast %none : tensor<3x0x2xf32> to tensor<?x?x2xf32>
  %s = sym.call @rows(%y, %b) : (tensor<?x?x2xf32>, tensor<2x2xf32>) -> tensor<?x?x2xf32>
  // CHECK: []
  sym.print %s : tensor<?x?x2xf32>
  return
}
