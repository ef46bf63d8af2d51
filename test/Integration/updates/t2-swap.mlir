// T2: updates are simultaneous, so that two variables change places; nothing is copied.
// RUN: sym-runner %s | FileCheck %s

sym.shared @a : tensor<3xi64> = dense<[1, 2, 3]>
sym.shared @b : tensor<3xi64> = dense<[4, 5, 6]>
sym.func @swap() {
  %a = sym.read @a : tensor<3xi64>
  %b = sym.read @b : tensor<3xi64>
  sym.return updates(@a = %b : tensor<3xi64>, @b = %a : tensor<3xi64>)
}
func.func @main() {
  sym.call @swap() : () -> ()
  %a = sym.get_value @a : tensor<3xi64>
  %b = sym.get_value @b : tensor<3xi64>
  // CHECK: [4 5 6]
  sym.print %a : tensor<3xi64>
  // CHECK: [1 2 3]
  sym.print %b : tensor<3xi64>
  sym.call @swap() : () -> ()
  %c = sym.get_value @a : tensor<3xi64>
  // CHECK: [1 2 3]
  sym.print %c : tensor<3xi64>
  return
}
