// One branch changes the state, the other leaves it.
// RUN: sym-runner %s | FileCheck %s

sym.shared @s : tensor<2xi64> = dense<[1, 2]>
sym.func @maybe(%c: tensor<i1>) -> tensor<2xi64> {
  %s = sym.read @s : tensor<2xi64>
  %condition = tensor.extract %c[] : tensor<i1>
  %n = scf.if %condition -> tensor<2xi64> {
    %d = arith.addi %s, %s : tensor<2xi64>
    scf.yield %d : tensor<2xi64>
  } else {
    scf.yield %s : tensor<2xi64>
  }
  sym.return %s : tensor<2xi64> updates(@s = %n : tensor<2xi64>)
}
func.func @main() {
  %yes = arith.constant dense<true> : tensor<i1>
  %no = arith.constant dense<false> : tensor<i1>
  %a = sym.call @maybe(%no) : (tensor<i1>) -> tensor<2xi64>
  %b = sym.call @maybe(%yes) : (tensor<i1>) -> tensor<2xi64>
  %c = sym.call @maybe(%yes) : (tensor<i1>) -> tensor<2xi64>
  %s = sym.get_value @s : tensor<2xi64>
  // CHECK: [1 2]
  sym.print %a : tensor<2xi64>
  // CHECK: [1 2]
  sym.print %b : tensor<2xi64>
  // CHECK: [2 4]
  sym.print %c : tensor<2xi64>
  // CHECK: [4 8]
  sym.print %s : tensor<2xi64>
  return
}
