// One of several expressions, chosen by a number.
// RUN: sym-runner %s | FileCheck %s

sym.shared @s : tensor<2xi64> = dense<[5, 6]>
sym.func @choose(%k: tensor<i64>) -> tensor<2xi64> {
  %s = sym.read @s : tensor<2xi64>
  %k0 = tensor.extract %k[] : tensor<i64>
  %i = arith.index_cast %k0 : i64 to index
  %r = scf.index_switch %i -> tensor<2xi64>
  case 0 {
    %x = arith.addi %s, %s : tensor<2xi64>
    scf.yield %x : tensor<2xi64>
  }
  case 3 {
    %x = arith.muli %s, %s : tensor<2xi64>
    scf.yield %x : tensor<2xi64>
  }
  default {
    scf.yield %s : tensor<2xi64>
  }
  sym.return %r : tensor<2xi64>
}
func.func @main() {
  %c0 = arith.constant dense<0> : tensor<i64>
  %c1 = arith.constant dense<1> : tensor<i64>
  %c3 = arith.constant dense<3> : tensor<i64>
  %a = sym.call @choose(%c0) : (tensor<i64>) -> tensor<2xi64>
  // CHECK: [10 12]
  sym.print %a : tensor<2xi64>
  %b = sym.call @choose(%c1) : (tensor<i64>) -> tensor<2xi64>
  // CHECK: [5 6]
  sym.print %b : tensor<2xi64>
  %c = sym.call @choose(%c3) : (tensor<i64>) -> tensor<2xi64>
  // CHECK: [25 36]
  sym.print %c : tensor<2xi64>
  return
}
