// Arithmetic on i8 wraps around; values cross calls unchanged.
// RUN: sym-runner %s | FileCheck %s

sym.shared @s : tensor<3xi8> = dense<[127, -128, 5]>
sym.func @add(%x: tensor<3xi8>) -> (tensor<3xi8>, tensor<3xi8>, tensor<3xi8>) {
  %s = sym.read @s : tensor<3xi8>
  %sum = arith.addi %s, %x : tensor<3xi8>
  %product = arith.muli %s, %x : tensor<3xi8>
  %min = arith.minsi %s, %x : tensor<3xi8>
  sym.return %sum, %product, %min : tensor<3xi8>, tensor<3xi8>, tensor<3xi8>
      updates(@s = %sum : tensor<3xi8>)
}
sym.func @unsigned(%x: tensor<3xi8>) -> (tensor<3xi8>, tensor<3xi1>) {
  %s = sym.read @s : tensor<3xi8>
  %max = arith.maxui %s, %x : tensor<3xi8>
  %below = arith.cmpi ult, %s, %x : tensor<3xi8>
  sym.return %max, %below : tensor<3xi8>, tensor<3xi1>
}
func.func @main() {
  %x = arith.constant dense<[1, -1, 7]> : tensor<3xi8>
  %a, %b, %c = sym.call @add(%x) : (tensor<3xi8>) -> (tensor<3xi8>, tensor<3xi8>, tensor<3xi8>)
  // CHECK: sum [{{ *}}-128 {{ *}}127 {{ *}}12]
  sym.print "sum " %a : tensor<3xi8>
  // CHECK: product [{{ *}}127 {{ *}}-128 {{ *}}35]
  sym.print "product " %b : tensor<3xi8>
  // CHECK: min [{{ *}}1 {{ *}}-128 {{ *}}5]
  sym.print "min " %c : tensor<3xi8>
  %s = sym.get_value @s : tensor<3xi8>
  // CHECK: state [{{ *}}-128 {{ *}}127 {{ *}}12]
  sym.print "state " %s : tensor<3xi8>
  %m, %u = sym.call @unsigned(%x) : (tensor<3xi8>) -> (tensor<3xi8>, tensor<3xi1>)
  // CHECK: unsigned max [{{ *}}-128 {{ *}}-1 {{ *}}12]
  sym.print "unsigned max " %m : tensor<3xi8>
  // CHECK: below [False True False]
  sym.print "below " %u : tensor<3xi1>
  return
}
