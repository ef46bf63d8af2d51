// Arithmetic on i64 wraps around; values cross calls unchanged.
// RUN: sym-runner %s | FileCheck %s

sym.shared @s : tensor<3xi64> = dense<[9223372036854775807, -9223372036854775808, 5]>
sym.func @add(%x: tensor<3xi64>) -> (tensor<3xi64>, tensor<3xi64>, tensor<3xi64>) {
  %s = sym.read @s : tensor<3xi64>
  %sum = arith.addi %s, %x : tensor<3xi64>
  %product = arith.muli %s, %x : tensor<3xi64>
  %min = arith.minsi %s, %x : tensor<3xi64>
  sym.return %sum, %product, %min : tensor<3xi64>, tensor<3xi64>, tensor<3xi64>
      updates(@s = %sum : tensor<3xi64>)
}
sym.func @unsigned(%x: tensor<3xi64>) -> (tensor<3xi64>, tensor<3xi1>) {
  %s = sym.read @s : tensor<3xi64>
  %max = arith.maxui %s, %x : tensor<3xi64>
  %below = arith.cmpi ult, %s, %x : tensor<3xi64>
  sym.return %max, %below : tensor<3xi64>, tensor<3xi1>
}
func.func @main() {
  %x = arith.constant dense<[1, -1, 7]> : tensor<3xi64>
  %a, %b, %c = sym.call @add(%x) : (tensor<3xi64>) -> (tensor<3xi64>, tensor<3xi64>, tensor<3xi64>)
  // CHECK: sum [{{ *}}-9223372036854775808 {{ *}}9223372036854775807 {{ *}}12]
  sym.print "sum " %a : tensor<3xi64>
  // CHECK: product [{{ *}}9223372036854775807 {{ *}}-9223372036854775808 {{ *}}35]
  sym.print "product " %b : tensor<3xi64>
  // CHECK: min [{{ *}}1 {{ *}}-9223372036854775808 {{ *}}5]
  sym.print "min " %c : tensor<3xi64>
  %s = sym.get_value @s : tensor<3xi64>
  // CHECK: state [{{ *}}-9223372036854775808 {{ *}}9223372036854775807 {{ *}}12]
  sym.print "state " %s : tensor<3xi64>
  %m, %u = sym.call @unsigned(%x) : (tensor<3xi64>) -> (tensor<3xi64>, tensor<3xi1>)
  // CHECK: unsigned max [{{ *}}-9223372036854775808 {{ *}}-1 {{ *}}12]
  sym.print "unsigned max " %m : tensor<3xi64>
  // CHECK: below [False True False]
  sym.print "below " %u : tensor<3xi1>
  return
}
