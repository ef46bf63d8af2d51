// Arithmetic on i16 wraps around; values cross calls unchanged.
// RUN: sym-runner %s | FileCheck %s

sym.shared @s : tensor<3xi16> = dense<[32767, -32768, 5]>
sym.func @add(%x: tensor<3xi16>) -> (tensor<3xi16>, tensor<3xi16>, tensor<3xi16>) {
  %s = sym.read @s : tensor<3xi16>
  %sum = arith.addi %s, %x : tensor<3xi16>
  %product = arith.muli %s, %x : tensor<3xi16>
  %min = arith.minsi %s, %x : tensor<3xi16>
  sym.return %sum, %product, %min : tensor<3xi16>, tensor<3xi16>, tensor<3xi16>
      updates(@s = %sum : tensor<3xi16>)
}
sym.func @unsigned(%x: tensor<3xi16>) -> (tensor<3xi16>, tensor<3xi1>) {
  %s = sym.read @s : tensor<3xi16>
  %max = arith.maxui %s, %x : tensor<3xi16>
  %below = arith.cmpi ult, %s, %x : tensor<3xi16>
  sym.return %max, %below : tensor<3xi16>, tensor<3xi1>
}
func.func @main() {
  %x = arith.constant dense<[1, -1, 7]> : tensor<3xi16>
  %a, %b, %c = sym.call @add(%x) : (tensor<3xi16>) -> (tensor<3xi16>, tensor<3xi16>, tensor<3xi16>)
  // CHECK: sum [{{ *}}-32768 {{ *}}32767 {{ *}}12]
  sym.print "sum " %a : tensor<3xi16>
  // CHECK: product [{{ *}}32767 {{ *}}-32768 {{ *}}35]
  sym.print "product " %b : tensor<3xi16>
  // CHECK: min [{{ *}}1 {{ *}}-32768 {{ *}}5]
  sym.print "min " %c : tensor<3xi16>
  %s = sym.get_value @s : tensor<3xi16>
  // CHECK: state [{{ *}}-32768 {{ *}}32767 {{ *}}12]
  sym.print "state " %s : tensor<3xi16>
  %m, %u = sym.call @unsigned(%x) : (tensor<3xi16>) -> (tensor<3xi16>, tensor<3xi1>)
  // CHECK: unsigned max [{{ *}}-32768 {{ *}}-1 {{ *}}12]
  sym.print "unsigned max " %m : tensor<3xi16>
  // CHECK: below [False True False]
  sym.print "below " %u : tensor<3xi1>
  return
}
