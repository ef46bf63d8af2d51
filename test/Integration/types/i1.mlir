// Booleans are bytes of 0 and 1: logic, arithmetic modulo 2, and as a condition.
// RUN: sym-runner %s | FileCheck %s

sym.shared @s : tensor<4xi1> = dense<[true, true, false, false]>
sym.func @logic(%x: tensor<4xi1>) -> (tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>) {
  %s = sym.read @s : tensor<4xi1>
  %and = arith.andi %s, %x : tensor<4xi1>
  %or = arith.ori %s, %x : tensor<4xi1>
  %xor = arith.xori %s, %x : tensor<4xi1>
  %sum = arith.addi %s, %x : tensor<4xi1>
  sym.return %and, %or, %xor, %sum : tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>
      updates(@s = %xor : tensor<4xi1>)
}
sym.func @count() -> (tensor<4xi64>, tensor<4xi8>, tensor<4xf32>) {
  %s = sym.read @s : tensor<4xi1>
  %u = arith.extui %s : tensor<4xi1> to tensor<4xi64>
  %i = arith.extsi %s : tensor<4xi1> to tensor<4xi8>
  %f = arith.uitofp %s : tensor<4xi1> to tensor<4xf32>
  sym.return %u, %i, %f : tensor<4xi64>, tensor<4xi8>, tensor<4xf32>
}
func.func @main() {
  %x = arith.constant dense<[true, false, true, false]> : tensor<4xi1>
  %a, %b, %c, %d = sym.call @logic(%x) : (tensor<4xi1>) -> (tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>)
  // CHECK: and [ True False False False]
  sym.print "and " %a : tensor<4xi1>
  // CHECK: or [ True True True False]
  sym.print "or " %b : tensor<4xi1>
  // CHECK: xor [False True True False]
  sym.print "xor " %c : tensor<4xi1>
  // CHECK: sum [False True True False]
  sym.print "sum " %d : tensor<4xi1>
  %u, %i, %f = sym.call @count() : () -> (tensor<4xi64>, tensor<4xi8>, tensor<4xf32>)
  // CHECK: unsigned [0 1 1 0]
  sym.print "unsigned " %u : tensor<4xi64>
  // CHECK: signed [ 0 -1 -1 0]
  sym.print "signed " %i : tensor<4xi8>
  // CHECK: float [0. 1. 1. 0.]
  sym.print "float " %f : tensor<4xf32>
  return
}
