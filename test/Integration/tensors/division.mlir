// Signed division rounds towards zero; remainders have the sign of the dividend.
// RUN: sym-runner %s | FileCheck %s

sym.func @f(%x: tensor<4xi32>, %y: tensor<4xi32>) -> (tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>) {
  %q = arith.divsi %x, %y : tensor<4xi32>
  %r = arith.remsi %x, %y : tensor<4xi32>
  %f = arith.floordivsi %x, %y : tensor<4xi32>
  %c = arith.ceildivsi %x, %y : tensor<4xi32>
  sym.return %q, %r, %f, %c : tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>
}
func.func @main() {
  %x = arith.constant dense<[7, -7, 7, -7]> : tensor<4xi32>
  %y = arith.constant dense<[2, 2, -2, -2]> : tensor<4xi32>
  %a, %b, %c, %d = sym.call @f(%x, %y) : (tensor<4xi32>, tensor<4xi32>) -> (tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>)
  // CHECK: [ 3 -3 -3 3]
  sym.print %a : tensor<4xi32>
  // CHECK: [ 1 -1 1 -1]
  sym.print %b : tensor<4xi32>
  // CHECK: [ 3 -4 -4 3]
  sym.print %c : tensor<4xi32>
  // CHECK: [ 4 -3 -3 4]
  sym.print %d : tensor<4xi32>
  return
}
