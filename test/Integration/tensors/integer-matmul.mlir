// Products of matrices of integers wrap around like other arithmetic.
// RUN: sym-runner %s | FileCheck %s

sym.func @f(%a: tensor<?x2xi8>, %b: tensor<2x?xi8>) -> tensor<?x?xi8> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = tensor.dim %a, %c0 : tensor<?x2xi8>
  %n = tensor.dim %b, %c1 : tensor<2x?xi8>
  %zero = arith.constant 0 : i8
  %empty = tensor.empty(%m, %n) : tensor<?x?xi8>
  %init = linalg.fill ins(%zero : i8) outs(%empty : tensor<?x?xi8>) -> tensor<?x?xi8>
  %r = linalg.matmul ins(%a, %b : tensor<?x2xi8>, tensor<2x?xi8>) outs(%init : tensor<?x?xi8>) -> tensor<?x?xi8>
  sym.return %r : tensor<?x?xi8>
}
func.func @main() {
  %a0 = arith.constant dense<[[100, 1], [2, 3], [-1, 0]]> : tensor<3x2xi8>
  %b0 = arith.constant dense<[[2], [10]]> : tensor<2x1xi8>
  %a = tensor.cast %a0 : tensor<3x2xi8> to tensor<?x2xi8>
  %b = tensor.cast %b0 : tensor<2x1xi8> to tensor<2x?xi8>
  %r = sym.call @f(%a, %b) : (tensor<?x2xi8>, tensor<2x?xi8>) -> tensor<?x?xi8>
  // CHECK: {{\[\[}}-46]
  // CHECK-NEXT: [ 34]
  // CHECK-NEXT: [ -2]]
  sym.print %r : tensor<?x?xi8>
  return
}
