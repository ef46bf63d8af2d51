// Rank 2, with static and with dynamic sizes.
// RUN: sym-runner %s | FileCheck %s

sym.shared @s : tensor<2x3xi32> = dense<[[7, 8, 9], [1, 2, 3]]>
sym.shared @d : tensor<?x?xi32> = dense<[[7, 8, 9], [1, 2, 3]]> : tensor<2x3xi32>
sym.func @step() {
  %one = arith.constant 1 : i32
  %s = sym.read @s : tensor<2x3xi32>
  %d = sym.read @d : tensor<?x?xi32>
  %a = linalg.map ins(%s : tensor<2x3xi32>) outs(%s : tensor<2x3xi32>) (%x: i32, %o: i32) {
    %y = arith.subi %x, %one : i32
    linalg.yield %y : i32
  }
  %b = linalg.map ins(%d : tensor<?x?xi32>) outs(%d : tensor<?x?xi32>) (%x: i32, %o: i32) {
    %y = arith.subi %x, %one : i32
    linalg.yield %y : i32
  }
  sym.return updates(@s = %a : tensor<2x3xi32>, @d = %b : tensor<?x?xi32>)
}
func.func @main() {
  sym.call @step() : () -> ()
  %s = sym.get_value @s : tensor<2x3xi32>
  // CHECK: {{\[\[}}6 7 8]
  // CHECK-NEXT: [0 1 2]]
  sym.print %s : tensor<2x3xi32>
  %d = sym.get_value @d : tensor<?x?xi32>
  // CHECK: {{\[\[}}6 7 8]
  // CHECK-NEXT: [0 1 2]]
  sym.print %d : tensor<?x?xi32>
  return
}
