// A scoped borrow shows the value without a copy, between updates.
// RUN: sym-runner %s | FileCheck %s

sym.shared @s : tensor<2xf32> = dense<[1.5, 2.5]>
sym.func @add(%x: tensor<2xf32>) {
  %s = sym.read @s : tensor<2xf32>
  %n = arith.addf %s, %x : tensor<2xf32>
  sym.return updates(@s = %n : tensor<2xf32>)
}
func.func @main() {
  %x = arith.constant dense<[1.0, 10.0]> : tensor<2xf32>
  sym.call @add(%x) : (tensor<2xf32>) -> ()
  %b = sym.borrow @s : !sym.borrow<tensor<2xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<2xf32>, scoped>
  // CHECK: [ 2.5 12.5]
  sym.print %v : tensor<2xf32>
  sym.release %b : !sym.borrow<tensor<2xf32>, scoped>
  sym.call @add(%x) : (tensor<2xf32>) -> ()
  %s = sym.get_value @s : tensor<2xf32>
  // CHECK: [ 3.5 22.5]
  sym.print %s : tensor<2xf32>
  return
}
