// T3, C1: old values that are returned. Large ones are not copied: the variable
// gets a new buffer and the result takes the old one.
// RUN: sym-runner %s --call=add --arg=[1,1,1] --call=twice --arg=[10,20,30] --call=swap --call=get --call=pair --arg=[1] --call=get --call=replace --arg=[7,8] --call=get | FileCheck %s
// RUN: sym-runner %s --force-copies --call=add --arg=[1,1,1] --call=twice --arg=[10,20,30] --call=swap --call=get --call=pair --arg=[1] --call=get --call=replace --arg=[7,8] --call=get | FileCheck %s
// RUN: not sym-runner %s --call=add --arg=[1,1] 2>&1 | FileCheck %s --check-prefix=FAIL
// RUN: sym-runner %s --call=add --arg=[1,1,1] --repeat=1000 --threads=4 --save-state=%t.npz
// RUN: sym-runner %s --load-state=%t.npz --call=get | FileCheck %s --check-prefix=MANY
// RUN: %if !device %{ sym-runner %s --call=add --arg=[0,0,0] --repeat=100 --stats 2>&1 | FileCheck %s --check-prefix=STATS %}

sym.shared @a : tensor<?xf32> = dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
sym.shared @b : tensor<?xf32> = dense<[4.0]> : tensor<1xf32>

// CHECK: [1. 2. 3.]
sym.func @add(%x: tensor<?xf32>) -> tensor<?xf32> {
  %a = sym.read @a : tensor<?xf32>
  %c = arith.addf %x, %a : tensor<?xf32>
  sym.return %a : tensor<?xf32> updates(@a = %c : tensor<?xf32>)
}
// Two results of one value are two arrays (S1).
// CHECK-NEXT: [2. 3. 4.]
// CHECK-NEXT: [2. 3. 4.]
sym.func @twice(%x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %a = sym.read @a : tensor<?xf32>
  %c = arith.addf %x, %a : tensor<?xf32>
  sym.return %a, %a : tensor<?xf32>, tensor<?xf32>
      updates(@a = %c : tensor<?xf32>)
}
// CHECK-NEXT: [12. 23. 34.]
// CHECK-NEXT: [4.]
// Behind it.
// CHECK-NEXT: [4.]
// CHECK-NEXT: [12. 23. 34.]
sym.func @swap() -> (tensor<?xf32>, tensor<?xf32>) {
  %a = sym.read @a : tensor<?xf32>
  %b = sym.read @b : tensor<?xf32>
  sym.return %a, %b : tensor<?xf32>, tensor<?xf32>
      updates(@a = %b : tensor<?xf32>, @b = %a : tensor<?xf32>)
}
// One is replaced, one kept.
// CHECK-NEXT: [4.]
// CHECK-NEXT: [12. 23. 34.]
// CHECK-NEXT: [5.]
// CHECK-NEXT: [12. 23. 34.]
sym.func @pair(%x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %a = sym.read @a : tensor<?xf32>
  %b = sym.read @b : tensor<?xf32>
  %c = arith.addf %x, %a : tensor<?xf32>
  sym.return %a, %b : tensor<?xf32>, tensor<?xf32>
      updates(@a = %c : tensor<?xf32>)
}
// CHECK-NEXT: [5.]
// CHECK-NEXT: [7. 8.]
// CHECK-NEXT: [12. 23. 34.]
sym.func @replace(%x: tensor<?xf32>) -> tensor<?xf32> {
  %a = sym.read @a : tensor<?xf32>
  sym.return %a : tensor<?xf32> updates(@a = %x : tensor<?xf32>)
}
sym.func @get() -> (tensor<?xf32>, tensor<?xf32>) {
  %a = sym.read @a : tensor<?xf32>
  %b = sym.read @b : tensor<?xf32>
  sym.return %a, %b : tensor<?xf32>, tensor<?xf32>
}
// FAIL: dimension 0 of operand 1 has size 3, but operand 0 has 2
// MANY: [4001. 4002. 4003.]
// STATS: system allocations 1
