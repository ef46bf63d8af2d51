// Arithmetic on i32 wraps around; values cross calls unchanged.
// RUN: sym-runner %s | FileCheck %s

sym.shared @s : tensor<3xi32> = dense<[2147483647, -2147483648, 5]>
sym.func @add(%x: tensor<3xi32>) -> (tensor<3xi32>, tensor<3xi32>, tensor<3xi32>) {
  %s = sym.read @s : tensor<3xi32>
  %sum = arith.addi %s, %x : tensor<3xi32>
  %product = arith.muli %s, %x : tensor<3xi32>
  %min = arith.minsi %s, %x : tensor<3xi32>
  sym.return %sum, %product, %min : tensor<3xi32>, tensor<3xi32>, tensor<3xi32>
      updates(@s = %sum : tensor<3xi32>)
}
sym.func @unsigned(%x: tensor<3xi32>) -> (tensor<3xi32>, tensor<3xi1>) {
  %s = sym.read @s : tensor<3xi32>
  %max = arith.maxui %s, %x : tensor<3xi32>
  %below = arith.cmpi ult, %s, %x : tensor<3xi32>
  sym.return %max, %below : tensor<3xi32>, tensor<3xi1>
}
func.func @main() {
  %x = arith.constant dense<[1, -1, 7]> : tensor<3xi32>
  %a, %b, %c = sym.call @add(%x) : (tensor<3xi32>) -> (tensor<3xi32>, tensor<3xi32>, tensor<3xi32>)
  // CHECK: sum [{{ *}}-2147483648 {{ *}}2147483647 {{ *}}12]
  sym.print "sum " %a : tensor<3xi32>
  // CHECK: product [{{ *}}2147483647 {{ *}}-2147483648 {{ *}}35]
  sym.print "product " %b : tensor<3xi32>
  // CHECK: min [{{ *}}1 {{ *}}-2147483648 {{ *}}5]
  sym.print "min " %c : tensor<3xi32>
  %s = sym.get_value @s : tensor<3xi32>
  // CHECK: state [{{ *}}-2147483648 {{ *}}2147483647 {{ *}}12]
  sym.print "state " %s : tensor<3xi32>
  %m, %u = sym.call @unsigned(%x) : (tensor<3xi32>) -> (tensor<3xi32>, tensor<3xi1>)
  // CHECK: unsigned max [{{ *}}-2147483648 {{ *}}-1 {{ *}}12]
  sym.print "unsigned max " %m : tensor<3xi32>
  // CHECK: below [False True False]
  sym.print "below " %u : tensor<3xi1>
  return
}
